#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "sim/host/certificate.h"
#include "sim/net/certificate.h"

#include <fmt/format.h>

// openssl x509 (3.0.15 of Debian 12): client certificates of the machines, server certificates in Secrets.
namespace core::shell::node {

namespace {

/// What is printed of a certificate of either kind.
struct PrintedCertificate {
    std::string subject;   ///< "O = system:nodes, CN = system:node:worker-1"
    std::string issuer;
    std::string algorithm; ///< of the signature
    std::uint64_t serial = 0;
    sim::Instant notBefore{};
    sim::Instant notAfter{};
    std::vector<std::string> dnsNames;
    std::string pem;
};

std::optional<PrintedCertificate> readCertificate(const std::string& pem)
{
    if (const auto servers = sim::net::certificatesIn(pem); !servers.empty()) {
        const sim::net::Certificate& c = servers.front();
        return PrintedCertificate{"CN = " + c.subject, "CN = " + c.issuer, "ecdsa-with-SHA256", c.serial, c.notBefore, c.notAfter, c.dnsNames,
                                  sim::net::toPem(c)};
    }
    const auto c = sim::host::parseCertificate(pem);
    if (!c)
        return std::nullopt;
    return PrintedCertificate{(c->organization.empty() ? "" : "O = " + c->organization + ", ") + "CN = " + c->commonName,
                              std::string("CN = ") + sim::host::kClusterCa, "sha256WithRSAEncryption", c->serial, c->notBefore, c->notAfter,
                              {}, sim::host::pemOf(*c)};
}

std::string alternativeNames(const PrintedCertificate& c)
{
    return c.dnsNames.empty() ? std::string{} : fmt::format("DNS:{}", fmt::join(c.dnsNames, ", DNS:"));
}

std::string wholeText(const PrintedCertificate& c)
{
    std::string text = fmt::format("Certificate:\n    Data:\n        Version: 3 (0x2)\n        Serial Number: {0} (0x{0:x})\n"
                       "        Signature Algorithm: {1}\n        Issuer: {2}\n        Validity\n"
                       "            Not Before: {3}\n            Not After : {4}\n        Subject: {5}\n"
                       "        Subject Public Key Info:\n            Public Key Algorithm: id-ecPublicKey\n"
                       "                Public-Key: (256 bit)\n                ASN1 OID: prime256v1\n                NIST CURVE: P-256\n",
                       c.serial, c.algorithm, c.issuer, sim::host::opensslTime(c.notBefore), sim::host::opensslTime(c.notAfter), c.subject);
    if (!c.dnsNames.empty())
        text += "        X509v3 extensions:\n            X509v3 Subject Alternative Name: \n                " + alternativeNames(c) + "\n";
    return text;
}

struct X509Request {
    std::string file;
    std::vector<std::string> shown; ///< "enddate", "subject", in the order asked for
    bool noOutput = false;
    std::optional<std::int64_t> checkEnd;
};

/// openssl takes its options with one dash or two.
std::optional<X509Request> parseX509(Invocation& inv)
{
    X509Request request;
    for (std::size_t i = 1; i < inv.arguments.size(); ++i) {
        std::string word = inv.arguments[i];
        word.erase(0, word.rfind("--", 0) == 0 ? 2 : word.rfind('-', 0) == 0 ? 1 : 0);
        const bool hasValue = word == "in" || word == "checkend" || word == "inform" || word == "outform" || word == "ext";
        if (hasValue && i + 1 >= inv.arguments.size()) {
            inv.err().write(fmt::format("x509: Option -{} needs a value\nx509: Use -help for summary.\n", word));
            return std::nullopt;
        }
        if (word == "in")
            request.file = inv.arguments[++i];
        else if (word == "checkend")
            request.checkEnd = parseNumber(inv.arguments[++i]);
        else if (hasValue) {
            if (word == "ext" && inv.arguments[i + 1] == "subjectAltName")
                request.shown.push_back(word);
            ++i;
        }
        else if (word == "noout")
            request.noOutput = true;
        else if (word == "text" || word == "enddate" || word == "startdate" || word == "dates" || word == "subject" || word == "issuer"
                 || word == "serial")
            request.shown.push_back(word);
        else {
            inv.err().write(fmt::format("x509: Unknown option: -{}\nx509: Use -help for summary.\n", word));
            return std::nullopt;
        }
    }
    return request;
}

int x509(Invocation& inv)
{
    const auto request = parseX509(inv);
    if (!request)
        return 1;
    std::string pem;
    if (request->file.empty()) {
        pem = inv.in().readAll();
    } else {
        const std::string path = inv.absolutePath(request->file);
        const ReadFile file = inv.system().readFile(inv.place(), path);
        inv.noteRead("file/" + placeName(inv) + path);
        if (file.error != Errno::None) {
            inv.err().write(fmt::format("Could not open file or uri for loading certificate from {0}\n:error:80000002:system library:"
                                        "file_open:{1}:{0}\nUnable to load certificate\n", request->file, describe(file.error)));
            return 1;
        }
        pem = file.text;
    }
    const auto certificate = readCertificate(pem);
    if (!certificate) {
        inv.err().write(fmt::format("Could not read certificate from {}\nUnable to load certificate\n",
                                    request->file.empty() ? "<stdin>" : request->file));
        return 1;
    }
    for (const std::string& what : request->shown) {
        if (what == "text")
            inv.print(wholeText(*certificate));
        if (what == "subject")
            inv.print("subject=" + certificate->subject + "\n");
        if (what == "issuer")
            inv.print("issuer=" + certificate->issuer + "\n");
        if (what == "ext")
            inv.print(certificate->dnsNames.empty() ? std::string("No extensions matched\n")
                                                    : "X509v3 Subject Alternative Name: \n    " + alternativeNames(*certificate) + "\n");
        if (what == "serial")
            inv.print(fmt::format("serial={:016X}\n", certificate->serial));
        if (what == "startdate" || what == "dates")
            inv.print("notBefore=" + sim::host::opensslTime(certificate->notBefore) + "\n");
        if (what == "enddate" || what == "dates")
            inv.print("notAfter=" + sim::host::opensslTime(certificate->notAfter) + "\n");
    }
    if (request->checkEnd) {
        const bool expires = certificate->notAfter < inv.now() + std::chrono::seconds(*request->checkEnd);
        inv.print(expires ? "Certificate will expire\n" : "Certificate will not expire\n");
        return expires ? 1 : 0;
    }
    if (!request->noOutput)
        inv.print(certificate->pem);
    return 0;
}

int runOpenssl(Invocation& inv)
{
    if (!inv.arguments.empty() && inv.arguments.front() == "x509")
        return x509(inv);
    if (!inv.arguments.empty() && inv.arguments.front() == "version") {
        inv.print("OpenSSL 3.0.15 3 Sep 2024 (Library: OpenSSL 3.0.15 3 Sep 2024)\n");
        return 0;
    }
    inv.err().write(inv.arguments.empty() ? std::string("help:\n\nStandard commands\nversion           x509\n")
                                          : fmt::format("Invalid command '{}'; type \"help\" for a list.\n", inv.arguments.front()));
    return 1;
}

} // namespace

void addOpenssl(CommandTable& table)
{
    table.addRaw("openssl", "OpenSSL command line program", "openssl x509 [-in FILE] [-noout] [-text] [-dates] [-enddate] [-subject] [-issuer] [-serial] [-ext subjectAltName] [-checkend SECONDS]", runOpenssl);
}

} // namespace core::shell::node
