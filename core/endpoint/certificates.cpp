#include "core/endpoint/certificates.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>

namespace core::endpoint {

namespace {

// Made at each start and thrown away at the end; clocks of the client may be somewhat off.
constexpr long kValidSeconds = 365L * 24 * 3600;
constexpr long kBackdatedSeconds = 3600;

template <class T, void (*Free)(T*)>
struct Freer {
    void operator()(T* object) const { Free(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY, EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, Freer<X509, X509_free>>;
using Bio = std::unique_ptr<BIO, Freer<BIO, BIO_free_all>>;

sim::Error failure(const std::string& what)
{
    char text[256];
    ERR_error_string_n(ERR_get_error(), text, sizeof text);
    return {what + ": " + text, "OpenSSL"};
}

std::string textOf(BIO* bio)
{
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string pemOf(X509* certificate)
{
    const Bio bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), certificate);
    return textOf(bio.get());
}

std::string pemOf(EVP_PKEY* key)
{
    const Bio bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    return textOf(bio.get());
}

void addName(X509_NAME* name, const char* field, const std::string& value)
{
    X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.data()), static_cast<int>(value.size()), -1, 0);
}

bool addExtension(X509* certificate, X509* issuer, int id, const std::string& value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
    if (extension == nullptr)
        return false;
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return true;
}

X509Ptr blank(EVP_PKEY* key)
{
    X509Ptr certificate(X509_new());
    X509_set_version(certificate.get(), 2);
    std::array<unsigned char, 8> serial{};
    RAND_bytes(serial.data(), static_cast<int>(serial.size()));
    serial[0] &= 0x7f;
    BIGNUM* number = BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate.get()));
    BN_free(number);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kBackdatedSeconds);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kValidSeconds);
    X509_set_pubkey(certificate.get(), key);
    return certificate;
}

} // namespace

struct CertificateAuthority::Impl {
    Key key;
    X509Ptr certificate;
    std::string pem;

    sim::Result<Certificate> sign(X509Ptr leaf, Key leafKey) const
    {
        X509_set_issuer_name(leaf.get(), X509_get_subject_name(certificate.get()));
        if (X509_sign(leaf.get(), key.get(), EVP_sha256()) == 0)
            return failure("a certificate could not be signed");
        return Certificate{pemOf(leaf.get()), pemOf(leafKey.get())};
    }
};

CertificateAuthority::CertificateAuthority() : m_impl(std::make_unique<Impl>()) { }
CertificateAuthority::CertificateAuthority(CertificateAuthority&&) noexcept = default;
CertificateAuthority& CertificateAuthority::operator=(CertificateAuthority&&) noexcept = default;
CertificateAuthority::~CertificateAuthority() = default;

const std::string& CertificateAuthority::certificate() const { return m_impl->pem; }

sim::Result<CertificateAuthority> CertificateAuthority::make()
{
    CertificateAuthority authority;
    Impl& d = *authority.m_impl;
    d.key.reset(EVP_EC_gen("P-256"));
    if (!d.key)
        return failure("no key could be made");
    d.certificate = blank(d.key.get());
    X509* certificate = d.certificate.get();
    addName(X509_get_subject_name(certificate), "CN", "faultline-ca");
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    if (!addExtension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE")
        || !addExtension(certificate, certificate, NID_key_usage, "critical,digitalSignature,keyEncipherment,keyCertSign")
        || !addExtension(certificate, certificate, NID_subject_key_identifier, "hash")
        || X509_sign(certificate, d.key.get(), EVP_sha256()) == 0)
        return failure("the authority's certificate could not be made");
    d.pem = pemOf(certificate);
    return authority;
}

sim::Result<Certificate> CertificateAuthority::forServer(const std::vector<std::string>& addresses, const std::vector<std::string>& names) const
{
    Key key(EVP_EC_gen("P-256"));
    if (!key)
        return failure("no key could be made");
    X509Ptr certificate = blank(key.get());
    addName(X509_get_subject_name(certificate.get()), "CN", "kube-apiserver");
    std::string alternatives;
    for (const std::string& address : addresses)
        alternatives += (alternatives.empty() ? "IP:" : ",IP:") + address;
    for (const std::string& name : names)
        alternatives += (alternatives.empty() ? "DNS:" : ",DNS:") + name;
    if (!addExtension(certificate.get(), m_impl->certificate.get(), NID_key_usage, "critical,digitalSignature,keyEncipherment")
        || !addExtension(certificate.get(), m_impl->certificate.get(), NID_ext_key_usage, "serverAuth")
        || !addExtension(certificate.get(), m_impl->certificate.get(), NID_subject_alt_name, alternatives))
        return failure("the server's certificate could not be made");
    return m_impl->sign(std::move(certificate), std::move(key));
}

sim::Result<Certificate> CertificateAuthority::forClient(const Identity& identity) const
{
    Key key(EVP_EC_gen("P-256"));
    if (!key)
        return failure("no key could be made");
    X509Ptr certificate = blank(key.get());
    X509_NAME* subject = X509_get_subject_name(certificate.get());
    for (const std::string& group : identity.groups)
        addName(subject, "O", group);
    addName(subject, "CN", identity.user);
    if (!addExtension(certificate.get(), m_impl->certificate.get(), NID_key_usage, "critical,digitalSignature,keyEncipherment")
        || !addExtension(certificate.get(), m_impl->certificate.get(), NID_ext_key_usage, "clientAuth"))
        return failure("a client's certificate could not be made");
    return m_impl->sign(std::move(certificate), std::move(key));
}

std::string randomToken()
{
    std::array<unsigned char, 16> bytes{};
    RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
    std::string text;
    for (const unsigned char byte : bytes) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

} // namespace core::endpoint
