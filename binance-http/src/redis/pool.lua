-- One budget that many programs share. Runs inside of Redis, so that nobody comes between looking and charging.
--
-- KEYS: the counts of the address, the counts of the account, until when everything is closed.
-- ARGV: what to do, the exchange's time, the guard; then what each of the two parts below says. Times in milliseconds.
--
-- A window is told by its number since 1970, so that programs whose clocks differ a little mean the same one. For each
-- there are three counts, fields named by the limit's letter, the kind and the number of the window:
--   u  what was used for certain, or may have been
--   f  what was charged in it and is on its way still; it counts on later windows too, for nobody knows in which the
--      exchange will count it, until it is so old that whoever sent it must have died
--   x  what others have used, as far as replies told

local BY_ADDRESS, BY_ACCOUNT, CLOSED = 1, 2, 3
local LIMITS = {
  { letter = 'w', key = BY_ADDRESS, length = 60000, older = 2 },
  { letter = 's', key = BY_ACCOUNT, length = 10000, older = 12 },
  { letter = 'm', key = BY_ACCOUNT, length = 60000, older = 2 },
  { letter = 'd', key = BY_ADDRESS, length = 300000, older = 1 },
  { letter = 'c', key = BY_ADDRESS, length = 60000, older = 2 },
}
-- Longer than the oldest count is looked at.
local KEPT = 1200000

local now, guard = tonumber(ARGV[2]), tonumber(ARGV[3])

local function name(limit, kind, window)
  return string.format('%s%s%.0f', limit.letter, kind, window)
end

local function get(limit, kind, window)
  return tonumber(redis.call('HGET', KEYS[limit.key], name(limit, kind, window)) or 0)
end

local function add(limit, kind, window, amount)
  redis.call('HINCRBY', KEYS[limit.key], name(limit, kind, window), string.format('%.0f', amount))
end

local function own(limit, window)
  local sum = get(limit, 'u', window)
  for older = 1, limit.older do
    sum = sum + get(limit, 'f', window - older)
  end
  return sum
end

local function numbers(from)
  local five = {}
  for n = 1, 5 do
    five[n] = tonumber(ARGV[from + n - 1])
  end
  return five
end

local function forget(limit, window)
  local key = KEYS[limit.key]
  local newest = limit.letter .. 'newest'
  if window <= tonumber(redis.call('HGET', key, newest) or 0) then
    return
  end
  redis.call('HSET', key, newest, string.format('%.0f', window))
  for _, field in ipairs(redis.call('HKEYS', key)) do
    local number = string.match(field, '^' .. limit.letter .. '[ufx](%-?%d+)$')
    if number and tonumber(number) < window - limit.older - 1 then
      redis.call('HDEL', key, field)
    end
  end
end

local function keep()
  redis.call('PEXPIRE', KEYS[BY_ADDRESS], KEPT)
  redis.call('PEXPIRE', KEYS[BY_ACCOUNT], KEPT)
end

-- ARGV: share and reserve in percent, the five limits, the five costs.
-- Gives 0 and 0, or which limit refuses (6: closed) and in how long there is room, -1 for never.
local function charge()
  local share, reserve = tonumber(ARGV[4]), tonumber(ARGV[5])
  local most, cost = numbers(6), numbers(11)
  for key = BY_ADDRESS, BY_ACCOUNT do
    local refused, room_in = 0, -1
    if key == BY_ADDRESS then
      local closed = tonumber(redis.call('GET', KEYS[CLOSED]) or 0)
      if now < closed then
        refused, room_in = 6, closed - now
      end
    end
    for n, limit in ipairs(LIMITS) do
      if limit.key == key and cost[n] > 0 then
        local most_own = math.floor(most[n] * share / 100)
        local most_here = most[n]
        if n == 1 or n == 5 then
          most_here = most_here - math.floor(most_here * reserve / 100)
        end
        if cost[n] > most_own or cost[n] > most_here then
          return { n, -1 }
        end
        local window = math.floor(now / limit.length)
        local begun = window * limit.length
        local mine = own(limit, window)
        local wait = -1
        if mine + get(limit, 'x', window) + cost[n] > most_here or mine + cost[n] > most_own then
          wait = begun + limit.length + guard - now
        elseif now - begun < guard then
          local before = own(limit, window - 1) + get(limit, 'x', window - 1)
          if before + cost[n] > most_here then
            wait = begun + guard - now
          end
        end
        if wait > room_in then
          refused, room_in = n, wait
        end
      end
    end
    if refused > 0 then
      return { refused, room_in }
    end
  end
  for n, limit in ipairs(LIMITS) do
    if cost[n] > 0 then
      local window = math.floor(now / limit.length)
      forget(limit, window)
      add(limit, 'u', window, cost[n])
      add(limit, 'f', window, cost[n])
      if now - window * limit.length < guard then
        add(limit, 'u', window - 1, cost[n])
      end
    end
  end
  keep()
  return { 0, 0 }
end

-- ARGV: how it ended (back, lost, replied), when it was charged, until when all is closed or 0, the limit of orders in
-- ten seconds if they are used up or -1, the five costs, the five counts that the reply told or -1.
local function settle()
  local how, charged, closed, orders = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
  local cost, told = numbers(8), numbers(13)
  for n, limit in ipairs(LIMITS) do
    local from, window = math.floor(charged / limit.length), math.floor(now / limit.length)
    -- What is too old, or was lost with a server's memory, counts no more.
    if cost[n] > 0 and from >= window - limit.older and get(limit, 'f', from) >= cost[n] then
      add(limit, 'f', from, -cost[n])
      if how == 'back' then
        add(limit, 'u', from, -cost[n])
      else
        for each = from + 1, window do
          add(limit, 'u', each, cost[n])
        end
        local last = math.max(from, window)
        if how == 'lost' or (last + 1) * limit.length - now <= guard then
          add(limit, 'u', last + 1, cost[n])
        end
      end
    end
    -- A request that was on its way while the window ended may tell the count of either.
    if told[n] >= 0 and from == window then
      local others = told[n] - own(limit, window)
      if others > get(limit, 'x', window) then
        redis.call('HSET', KEYS[limit.key], name(limit, 'x', window), string.format('%.0f', others))
      end
    end
  end
  if orders >= 0 then
    local short = LIMITS[2]
    local window = math.floor(now / short.length)
    local others = math.max(orders - own(short, window), get(short, 'x', window))
    redis.call('HSET', KEYS[short.key], name(short, 'x', window), string.format('%.0f', others))
  end
  if closed > tonumber(redis.call('GET', KEYS[CLOSED]) or 0) then
    local kept = math.max(closed - now, 0) + KEPT
    redis.call('SET', KEYS[CLOSED], string.format('%.0f', closed), 'PX', string.format('%.0f', kept))
  end
  keep()
  return { 0, 0 }
end

if ARGV[1] == 'charge' then
  return charge()
end
return settle()
