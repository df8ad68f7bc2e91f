-- wrk script: one request over and over; where a mark stands in the body, a new reference in each. Reports one line of
-- JSON. After `--`: method, file with the body, the mark in it, number of the first reference, format of a reference.

function init(args)
  local method, file, mark, first, format = args[1], args[2], args[3], tonumber(args[4]), args[5]
  wrk.method = method
  if file == nil or file == "" then return end
  local handle = assert(io.open(file, "rb"))
  local whole = wrk.format(method, nil, nil, handle:read("*a"))
  handle:close()
  local from, to = whole:find(mark, 1, true)
  if from == nil then
    request = function() return whole end
    return
  end
  local head, tail = whole:sub(1, from - 1), whole:sub(to + 1)
  local number = first - 1
  request = function()
    number = number + 1
    return head .. string.format(format, number) .. tail
  end
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout
  local counts = string.format('"requests": %d, "lost": %d, "refused": %d, "received": %d',
    summary.requests, failed, errors.status, summary.bytes)
  io.write(string.format('{%s, "seconds": %.6f, "p50": %.6f, "p99": %.6f}\n',
    counts, summary.duration / 1e6, latency:percentile(50) / 1e6, latency:percentile(99) / 1e6))
end
