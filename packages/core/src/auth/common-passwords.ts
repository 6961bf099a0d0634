/** The passwords of 8 and more characters that public breach lists agree on. */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  `password password1 password12 password123 password1234 passw0rd p@ssword p@ssw0rd 12345678 123456789 1234567890
  11111111 00000000 88888888 12341234 87654321 987654321 123123123 147258369 1q2w3e4r 1q2w3e4r5t 1qaz2wsx qwertyui
  qwertyuiop qwerty123 qwerty12 qwerty1234 asdfghjkl asdfasdf zxcvbnm1 q1w2e3r4 iloveyou iloveyou1 sunshine princess
  football baseball superman batman123 trustno1 whatever starwars computer internet michelle jennifer jordan23
  abcd1234 abc12345 abcdefgh a1b2c3d4 aa123456 welcome1 welcome123 letmein1 letmein123 changeme changeme123 admin123
  admin1234 administrator root1234 test1234 testtest user1234 guest123 default1 secret123 master123 monkey123
  dragon123 shadow123 liverpool chelsea1 arsenal1 samsung1 google123 facebook linkedin football1 baseball1 charlie1
  servicedesk helpdesk helpdesk1 summer2024 summer2025 summer2026 winter2024 winter2025 winter2026 spring2026
  autumn2026 qazwsxedc 1234qwer qwer1234 asdf1234 zaq12wsx zaq1zaq1 !qaz2wsx 11223344 12344321 13579246 55555555
  66666666 77777777 99999999 123qweasd 123456abc 1234abcd hello123 hellohello loveyou1 corvette mercedes`
    .trim()
    .split(/\s+/),
)
