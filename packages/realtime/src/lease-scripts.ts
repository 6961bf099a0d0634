/** Entries that a script touches at most: Lua's stack and other clients' patience have an end. */
export const MOST_AT_ONCE = 500
/** Changes that the stream keeps, about; who has missed more reads everything anew. */
export const KEPT = 10_000

// Redis's clock, so that the nodes' need not agree.
const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local told = {}
local new = 0
local function tell(what, entry)
  told[#told + 1] = what
  told[#told + 1] = entry
end`

const TELL = `
if #told > 0 then redis.call('XADD', KEYS[2], 'MAXLEN', '~', ${KEPT}, '*', unpack(told)) end`

/**
 * Holds and lets go for one node. KEYS: leases, stream. ARGV: the node, a lease's milliseconds, how many are held, then
 * these, then those that are let go.
 */
export const UPDATE = `${NOW}
for at = 4, #ARGV do
  local entry = ARGV[1] .. ' ' .. ARGV[at]
  if at <= 3 + ARGV[3] then
    local was = redis.call('ZSCORE', KEYS[1], entry)
    redis.call('ZADD', KEYS[1], now + ARGV[2], entry)
    if not was or tonumber(was) <= now then
      new = new + 1
      tell('+', entry)
    end
  elseif redis.call('ZREM', KEYS[1], entry) == 1 then
    tell('-', entry)
  end
end${TELL}
return new`

/** Ends what has run out, of any node. KEYS: leases, stream. @returns how many there were, {@link MOST_AT_ONCE} at most */
export const SWEEP = `${NOW}
local gone = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ${MOST_AT_ONCE})
for _, entry in ipairs(gone) do tell('-', entry) end
if #gone > 0 then redis.call('ZREM', KEYS[1], unpack(gone)) end${TELL}
return #gone`

/** KEYS: leases, stream. @returns the stream's newest id, and every entry that has not run out as of it */
export const SNAPSHOT = `${NOW}
local newest = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
return { newest and newest[1] or '0-0', redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf') }`
