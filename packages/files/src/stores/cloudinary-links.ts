import type { CloudinaryConfig } from './cloudinary.ts'
import type { Sdk } from './cloudinary-calls.ts'
import type { LinkOptions } from './store.ts'

/** What Cloudinary keeps apart: what it understands as a picture, and what it keeps as it is. */
export type AssetKind = 'image' | 'raw'

/** Only calls signed with the secret may read assets of this type. */
export const ASSET_TYPE = 'authenticated'

/** What every call needs to know of the account. */
export function accountOf({ cloudName, apiKey, apiSecret, uploadPrefix }: CloudinaryConfig) {
  const account = { cloud_name: cloudName, api_key: apiKey, api_secret: apiSecret }
  return uploadPrefix === undefined ? account : { ...account, upload_prefix: uploadPrefix }
}

/**
 * A signed address of the API's own download, which gives exactly what was stored. Not of the delivery network: new
 * accounts may not deliver PDF and ZIP from there.
 * @param link when it is for others: until when, and under which name
 */
export function downloadUrl(
  sdk: Sdk,
  config: CloudinaryConfig,
  publicId: string,
  kind: AssetKind,
  link?: LinkOptions,
): string {
  const now = Math.floor(Date.now() / 1000)
  const params = {
    timestamp: now,
    public_id: publicId,
    type: ASSET_TYPE,
    ...(link ? { expires_at: now + link.expiresIn } : {}),
    ...(link?.disposition === 'attachment' ? { attachment: true, target_filename: link.filename } : {}),
  }
  const account = accountOf(config)
  const signed = sdk.utils.sign_request(params, account)
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(signed)) query.set(name, String(value))
  return `${sdk.utils.api_url('download', { ...account, resource_type: kind })}?${query}`
}

/**
 * The address of a picture on the delivery network, in the format and quality that fit the browser, dead when its token is. Without
 * a token the signature in such an address would open the picture for ever, so there is none.
 */
export function deliveryUrl(
  sdk: Sdk,
  config: CloudinaryConfig & { authTokenKey: string },
  publicId: string,
  expiresIn: number,
): string {
  const { cloudName, authTokenKey, deliveryHost } = config
  return sdk.utils.url(publicId, {
    cloud_name: cloudName,
    resource_type: 'image',
    type: ASSET_TYPE,
    fetch_format: 'auto',
    quality: 'auto',
    secure: true,
    sign_url: true,
    auth_token: { key: authTokenKey, expiration: Math.floor(Date.now() / 1000) + expiresIn },
    urlAnalytics: false,
    ...(deliveryHost === undefined ? {} : { private_cdn: true, secure_distribution: deliveryHost }),
  })
}
