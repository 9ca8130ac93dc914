-- wrk script: POST a JSON body of args[1] bytes; with args[2] > 0, send that many requests and say "sent"; to args[3]
-- paths in turn; with the header field args[4] ("Name: value").
function init(args)
  local bytes = tonumber(args[1])
  local count = tonumber(args[2])
  local paths = tonumber(args[3])
  local name, value = (args[4] or ""):match("^(.-): (.*)$")
  local frame = '{"param1":"value1","param3":100,"text":""}'
  wrk.method = "POST"
  wrk.path = "/api/function1"
  wrk.headers["Content-Type"] = "application/json"
  if name then wrk.headers[name] = value end
  wrk.body = frame:sub(1, -3) .. string.rep("x", bytes - #frame) .. '"}'
  if count == 0 and paths == 1 then return end

  local formatted = {}
  for path = 1, paths do
    formatted[path] = wrk.format(nil, "/api/function" .. path)
  end
  -- wrk calls request() once by itself, before it starts.
  local sent = -1
  -- Defined only here: wrk sends a prepared buffer, which is faster, as long as there is no request().
  function request()
    sent = sent + 1
    if sent == count and count > 0 then
      io.write("sent\n")
      io.flush()
      wrk.thread:stop()
    end
    return formatted[sent % paths + 1]
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"microseconds":%d,"refused":%d,"broken":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
