// curl 7.88.1, Debian 12's.
#include "core/shell/commands/linux/http_client.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/text/dates.h"
#include "sim/engine/base64.h"
#include "sim/engine/letters.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

constexpr const char* kAgent = "curl/7.88.1";
constexpr int kMaxRedirects = 50;

struct Curl {
    Invocation& inv;
    bool silent = false, showError = false, verbose = false, include = false, head = false, fail = false,
         follow = false;
    Limits limits;
    std::string writeOut, outputFile;
    std::string method;
    std::string body;
    bool hasBody = false;
    std::string user, proxy;
    bool proxyGiven = false;
    std::string noProxy;
    std::vector<std::pair<std::string, std::string>> headers; ///< as given
    std::vector<std::string> resolves;

    void info(const std::string& text) const
    {
        if (verbose)
            inv.err().write("* " + text + "\n");
    }
    int error(int code, const std::string& text) const
    {
        if (!silent || showError)
            inv.err().write(fmt::format("curl: ({}) {}\n", code, text));
        return code;
    }

    std::string effectiveMethod() const
    {
        return !method.empty() ? method : head ? "HEAD" : hasBody ? "POST" : "GET";
    }

    HttpRequest requestFor(const Url& url) const
    {
        HttpRequest request;
        request.url = url;
        request.method = effectiveMethod();
        request.body = body;
        const std::string credentials = !user.empty() ? user : url.userInfo;
        if (!credentials.empty())
            request.headers["authorization"] = "Basic " + sim::encodeBase64(credentials);
        if (hasBody)
            request.headers["content-type"] = "application/x-www-form-urlencoded";
        for (const auto& [name, value] : headers) {
            std::string key = name;
            key = sim::lowered(key);
            request.headers[key] = value;
        }
        request.proxy = proxyGiven ? proxy : proxyFor(inv, url);
        if (!noProxy.empty() && bypassesProxy(noProxy, url.host))
            request.proxy.clear();
        for (const std::string& entry : resolves) { // host:port:address
            const std::size_t first = entry.find(':');
            const std::size_t second = entry.find(':', first == std::string::npos ? first : first + 1);
            if (second != std::string::npos && entry.substr(0, first) == url.host
                && parseNumber(entry.substr(first + 1, second - first - 1)) == url.port)
                request.resolved = sim::net::Ipv4::parse(entry.substr(second + 1));
        }
        return request;
    }

    void meter(const Exchange& done, std::size_t bytes) const
    {
        if (silent || (outputFile.empty() && inv.out().isTerminal()) || head)
            return;
        inv.err().write("  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n"
                        "                                 Dload  Upload   Total   Spent    Left  Speed\n");
        const double seconds = std::max(0.001, sim::toSeconds(done.totalTime));
        const auto speed = static_cast<std::int64_t>(static_cast<double>(bytes) / seconds);
        if (bytes == 0)
            inv.err().write(
                "  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0\n");
        else
            inv.err().write(
                fmt::format("100 {0:5}  100 {0:5}    0     0 {1:6}      0 --:--:-- --:--:-- --:--:-- {1:5}\n",
                            bytes, speed));
    }

    void verboseConnection(const HttpRequest& request, const Exchange& done) const
    {
        if (!verbose || done.end == Exchange::End::BadName || done.end == Exchange::End::BadProxyName)
            return;
        const std::string address = done.name.address.text();
        info(fmt::format("  Trying {}:{}...", address, done.peerPort));
        if (!done.connection.connected) {
            if (done.connection.limitHit) {
                info(fmt::format("Connection timed out after {} milliseconds",
                                 done.totalTime.count() / 1'000'000));
            } else {
                using sim::net::Verdict;
                const Verdict v = done.connection.path.verdict;
                const bool immediate = v == Verdict::NetworkUnreachable || v == Verdict::InvalidArgument
                    || v == Verdict::PermissionDenied;
                if (immediate)
                    info(fmt::format("Immediate connect fail for {}: {}", address, done.connection.error));
                else
                    info(fmt::format("connect to {} port {} failed: {}", address, done.peerPort,
                                     done.connection.error));
                info(fmt::format("Failed to connect to {} port {} after {} ms: Couldn't connect to server",
                                 done.peer, done.peerPort, done.totalTime.count() / 1'000'000));
            }
            info("Closing connection 0");
            return;
        }
        info(fmt::format("Connected to {} ({}) port {} (#0)", done.peer, address, done.peerPort));
        if (request.url.tls()) {
            info("ALPN: offers h2,http/1.1");
            inv.err().write("} [5 bytes data]\n");
            info("TLSv1.3 (OUT), TLS handshake, Client hello (1):");
            if (done.end == Exchange::End::TlsFailed) {
                info("TLSv1.3 (OUT), TLS alert, unknown CA (560):");
                info("SSL certificate problem: " + done.answer.tlsError);
                info("Closing connection 0");
                return;
            }
            for (const char* step :
                 {"IN), TLS handshake, Server hello (2):", "IN), TLS handshake, Certificate (11):",
                  "IN), TLS handshake, Finished (20):", "OUT), TLS handshake, Finished (20):"})
                info(std::string("TLSv1.3 (") + step);
            info("SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384");
            info("ALPN: server accepted http/1.1");
            info("Server certificate:");
            info(" subject: CN=" + request.url.host);
            info(" issuer: O=lab; CN=lab-ca");
            info(" SSL certificate verify ok.");
        }
        const std::string target = request.proxy.empty() || request.url.tls() ? request.url.path
                                                                              : request.url.text();
        inv.err().write(
            fmt::format("> {} {} HTTP/1.1\n> Host: {}\n", request.method, target, request.url.hostPort()));
        if (const auto auth = request.headers.find("authorization"); auth != request.headers.end())
            inv.err().write("> Authorization: " + auth->second + "\n");
        inv.err().write(fmt::format("> User-Agent: {}\n> Accept: */*\n", kAgent));
        for (const auto& [name, value] : headers)
            inv.err().write(fmt::format("> {}: {}\n", name, value));
        if (!body.empty())
            inv.err().write(fmt::format("> Content-Length: {}\n", body.size()));
        inv.err().write("> \n");
        if (!body.empty())
            inv.err().write(fmt::format("}} [{} bytes data]\n", body.size()));
    }

    std::vector<std::string> responseLines(const Exchange& done) const
    {
        std::vector<std::string> lines{fmt::format("HTTP/1.1 {} {}", done.answer.status, done.answer.reason)};
        for (const auto& [name, value] : done.answer.headers)
            lines.push_back(name + ": " + value);
        lines.push_back("Date: " + formatDate(inv.now(), "%a, %d %b %Y %H:%M:%S GMT"));
        if (done.answer.headers.count("Content-Length") == 0 && done.answer.headers.count("Transfer-Encoding") == 0)
            lines.push_back(fmt::format("Content-Length: {}", done.answer.body.size()));
        lines.emplace_back();
        return lines;
    }

    void expandWriteOut(const Url& url, const Exchange& done, int code, std::size_t bytes) const
    {
        if (writeOut.empty())
            return;
        const auto seconds = [](sim::Duration d) {
            return fmt::format("{:.6f}", sim::toSeconds(d));
        };
        const std::map<std::string, std::string> values{
            {"http_code", fmt::format("{:03}", done.answer.status)},
            {"response_code", fmt::format("{:03}", done.answer.status)},
            {"time_namelookup", seconds(done.nameTime)},
            {"time_connect", seconds(done.connection.connected ? done.connectTime : sim::Duration{0})},
            {"time_appconnect",
             seconds(url.tls() && done.connection.connected ? done.connectTime + std::chrono::milliseconds(6)
                                                            : sim::Duration{0})},
            {"time_starttransfer", seconds(done.answer.status != 0 ? done.totalTime : sim::Duration{0})},
            {"time_total", seconds(done.totalTime)},
            {"size_download", std::to_string(bytes)},
            {"remote_ip", done.connection.connected ? done.name.address.text() : ""},
            {"remote_port", done.connection.connected ? std::to_string(done.peerPort) : ""},
            {"url_effective", url.text()},
            {"exitcode", std::to_string(code)},
            {"content_type",
             done.answer.headers.count("Content-Type") ? done.answer.headers.at("Content-Type") : ""},
            {"method", effectiveMethod()},
        };
        std::string text;
        for (std::size_t i = 0; i < writeOut.size(); ++i) {
            if (writeOut[i] == '\\' && i + 1 < writeOut.size()) {
                const char c = writeOut[++i];
                text += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
            } else if (writeOut[i] == '%' && i + 1 < writeOut.size() && writeOut[i + 1] == '{') {
                const std::size_t end = writeOut.find('}', i);
                if (end == std::string::npos)
                    break;
                const auto found = values.find(writeOut.substr(i + 2, end - i - 2));
                text += found == values.end() ? "" : found->second;
                i = end;
            } else if (writeOut[i] == '%' && i + 1 < writeOut.size() && writeOut[i + 1] == '%') {
                text += '%';
                ++i;
            } else {
                text += writeOut[i];
            }
        }
        inv.print(text);
    }

    /// The message of a request that got no answer.
    int complain(const HttpRequest& request, const Exchange& done) const
    {
        const std::int64_t ms = done.totalTime.count() / 1'000'000;
        switch (done.end) {
        case Exchange::End::BadName:
            info("Could not resolve host: " + done.peer);
            info("Closing connection 0");
            return error(6, "Could not resolve host: " + done.peer);
        case Exchange::End::BadProxyName:
            info("Could not resolve proxy: " + done.peer);
            info("Closing connection 0");
            return error(5, "Could not resolve proxy: " + done.peer);
        case Exchange::End::ConnectLimit:
            return error(28, fmt::format("Connection timed out after {} milliseconds", ms));
        case Exchange::End::KernelTimeout:
            return error(
                28,
                fmt::format("Failed to connect to {} port {} after {} ms: Couldn't connect to server",
                            done.peer, done.peerPort, ms));
        case Exchange::End::NotConnected:
            return error(
                7,
                fmt::format("Failed to connect to {} port {} after {} ms: Couldn't connect to server",
                            done.peer, done.peerPort, ms));
        case Exchange::End::TotalLimit:
            return error(
                28,
                done.name.status != sim::NameAnswer::Status::Found
                    ? fmt::format("Resolving timed out after {} milliseconds", ms)
                    : fmt::format("Operation timed out after {} milliseconds with 0 bytes received", ms));
        case Exchange::End::TlsFailed:
            return error(
                60,
                fmt::format(
                    "SSL certificate problem: {}\nMore details here: https://curl.se/docs/sslcerts.html\n\n"
                    "curl failed to verify the legitimacy of the server and therefore could not\n"
                    "establish a secure connection to it. To learn more about this situation and\n"
                    "how to fix it, please visit the web page mentioned above.",
                    done.answer.tlsError));
        case Exchange::End::Answered: break;
        }
        (void)request;
        return 0;
    }

    int fetch(std::string address)
    {
        for (int redirects = 0;; ++redirects) {
            const auto url = Url::parse(address);
            if (!url)
                return error(3, "URL using bad/illegal format or missing URL");
            if (url->scheme != "http" && url->scheme != "https")
                return error(
                    1, fmt::format("Protocol \"{}\" not supported or disabled in libcurl", url->scheme));
            HttpRequest request = requestFor(*url);
            const bool toScreen = outputFile.empty() || outputFile == "-";
            bool begun = false;
            if (toScreen && !fail)
                request.onBytes = [&](const sim::HttpAnswer& answer, const std::string& bytes) {
                    if (!begun && include) {
                        Exchange head;
                        head.answer = answer;
                        head.answer.headers["Transfer-Encoding"] = "chunked";
                        for (const std::string& line : responseLines(head))
                            inv.print(line + "\r\n");
                    }
                    begun = true;
                    inv.print(bytes);
                };
            inv.noteRead(fmt::format("http/{}:{}{}", url->host, url->port, url->path));
            inv.noteRead("from/" + placeName(inv));
            const Exchange done = exchange(inv, request, limits);
            verboseConnection(request, done);
            if (done.end != Exchange::End::Answered) {
                meter(done, 0);
                const int code = complain(request, done);
                expandWriteOut(*url, done, code, 0);
                return code;
            }
            const auto lines = responseLines(done);
            if (verbose)
                for (const std::string& line : lines)
                    inv.err().write("< " + line + "\n");
            const auto location = done.answer.headers.find("Location");
            if (follow && done.answer.status / 100 == 3 && location != done.answer.headers.end()) {
                if (redirects >= kMaxRedirects)
                    return error(47, fmt::format("Maximum ({}) redirects followed", kMaxRedirects));
                info("Connection #0 to host " + done.peer + " left intact");
                address = location->second.find("://") != std::string::npos
                    ? location->second
                    : url->scheme + "://" + url->hostPort() + location->second;
                continue;
            }
            return finish(*url, request, done, lines);
        }
    }

    int finish(const Url& url, const HttpRequest& request, const Exchange& done,
               const std::vector<std::string>& lines)
    {
        std::string text;
        if ((include || head) && done.streamedBytes == 0)
            for (const std::string& line : lines)
                text += line + "\r\n";
        const bool failed = fail && done.answer.status >= 400;
        if (!head && request.method != "HEAD" && !failed)
            text += done.answer.body;
        const std::size_t bytes = done.streamedBytes > 0 ? done.streamedBytes : done.answer.body.size();
        meter(done, failed ? 0 : bytes);
        int code = 0;
        if (!outputFile.empty() && outputFile != "-") {
            const Errno problem = inv.system().writeFile(inv.place(), inv.absolutePath(outputFile), text,
                                                         false);
            if (problem != Errno::None) {
                if (!silent)
                    inv.err().write(fmt::format("Warning: Failed to open the file {}: {}\n", outputFile,
                                                describe(problem)));
                return error(23, "Failure writing output to destination");
            }
        } else {
            inv.print(text);
        }
        info("Connection #0 to host " + done.peer + " left intact");
        if (failed)
            code = error(22, fmt::format("The requested URL returned error: {}", done.answer.status));
        expandWriteOut(url, done, code, failed ? 0 : bytes);
        return code;
    }
};

int runCurl(Invocation& inv)
{
    Curl curl{inv};
    const Options& o = inv.options;
    curl.silent = o.has("silent");
    curl.showError = o.has("show-error");
    curl.verbose = o.has("verbose");
    curl.include = o.has("include");
    curl.head = o.has("head");
    curl.fail = o.has("fail");
    curl.follow = o.has("location");
    curl.outputFile = o.value("output");
    curl.writeOut = o.value("write-out");
    curl.method = o.value("request");
    curl.user = o.value("user");
    curl.proxyGiven = o.has("proxy");
    curl.proxy = o.value("proxy");
    curl.noProxy = o.value("noproxy");
    curl.resolves = o.values("resolve");
    for (const char* name : {"max-time", "connect-timeout"})
        if (o.has(name) && !parseSeconds(o.value(name))) {
            const bool letter = std::string_view(name) == "max-time"
                && std::any_of(inv.arguments.begin(), inv.arguments.end(), [](const std::string& w) { return w.compare(0, 2, "-m") == 0; });
            inv.err().write(fmt::format("curl: option {}: expected a proper numerical parameter\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
                                        letter ? std::string("-m") : "--" + std::string(name)));
            return 2;
        }
    if (o.has("max-time"))
        curl.limits.total = parseSeconds(o.value("max-time"));
    if (o.has("connect-timeout"))
        curl.limits.connect = parseSeconds(o.value("connect-timeout"));
    for (const char* name : {"data", "data-raw", "data-binary", "json"})
        for (const std::string& value : o.values(name)) {
            std::string piece = value;
            if (!piece.empty() && piece[0] == '@' && std::string_view(name) != "data-raw") {
                const ReadFile file = piece == "@-"
                    ? ReadFile{Errno::None, inv.in().readAll()}
                    : inv.system().readFile(inv.place(), inv.absolutePath(piece.substr(1)));
                if (file.error != Errno::None)
                    return curl.error(26, fmt::format("Failed to open {}", piece.substr(1)));
                piece = file.text;
            }
            curl.body += (curl.hasBody && std::string_view(name) == "data" ? "&" : "") + piece;
            curl.hasBody = true;
            if (std::string_view(name) == "json")
                curl.headers.emplace_back("Content-Type", "application/json");
        }
    for (const std::string& header : o.values("header")) {
        const std::size_t colon = header.find(':');
        if (colon == std::string::npos)
            continue;
        std::string value = header.substr(colon + 1);
        value.erase(0, std::min(value.find_first_not_of(' '), value.size()));
        curl.headers.emplace_back(header.substr(0, colon), value);
    }
    std::vector<std::string> urls = o.values("url");
    urls.insert(urls.end(), inv.operands.begin(), inv.operands.end());
    if (urls.empty()) {
        inv.err().write(
            "curl: try 'curl --help' or 'curl --manual' for more information\n");
        return 2;
    }
    int status = 0;
    for (const std::string& url : urls)
        status = curl.fetch(url);
    return status;
}

} // namespace

void addCurl(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "curl";
    spec.summary = "transfer a URL";
    spec.usage = "curl [options...] <url>";
    spec.options = {{'s', "silent", "", "Silent mode"},
                    {'S', "show-error", "", "Show error even when -s is used"},
                    {'v', "verbose", "", "Make the operation more talkative"},
                    {'i', "include", "", "Include protocol response headers in the output"},
                    {'I', "head", "", "Show document info only"},
                    {'f', "fail", "", "Fail fast with no output on HTTP errors"},
                    {'k', "insecure", "", "Allow insecure server connections"},
                    {'L', "location", "", "Follow redirects"},
                    {'N', "no-buffer", "", "Disable buffering of the output stream"},
                    {'m', "max-time", "seconds", "Maximum time allowed for transfer"},
                    {0, "connect-timeout", "seconds", "Maximum time allowed for connection"},
                    {'o', "output", "file", "Write to file instead of stdout"},
                    {'w', "write-out", "format", "Use output FORMAT after completion"},
                    {'u', "user", "user:password", "Server user and password"},
                    {'H', "header", "header", "Pass custom header(s) to server"},
                    {'X', "request", "method", "Specify request method to use"},
                    {'d', "data", "data", "HTTP POST data"},
                    {0, "data-raw", "data", "HTTP POST data, '@' allowed"},
                    {0, "data-binary", "data", "HTTP POST binary data"},
                    {0, "json", "data", "HTTP POST JSON"},
                    {'x', "proxy", "[protocol://]host[:port]", "Use this proxy"},
                    {0, "noproxy", "no-proxy-list", "List of hosts which do not use proxy"},
                    {0, "resolve", "host:port:addr", "Resolve the host+port to this address"},
                    {0, "cacert", "file", "CA certificate to verify peer against"},
                    {'A', "user-agent", "name", "Send User-Agent <name> to server"},
                    {'4', "ipv4", "", "Resolve names to IPv4 addresses"},
                    {0, "url", "url", "URL to work with"},
                    {0, "retry", "num", "Retry request if transient problems occur"},
                    {'#', "progress-bar", "", "Display transfer progress as a bar"},
                    {0, "no-progress-meter", "", "Do not show the progress meter"}};
    spec.run = runCurl;
    table.add(std::move(spec));
}

} // namespace core::shell::node
