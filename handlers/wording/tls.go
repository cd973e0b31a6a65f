package wording

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
)

// TLSWords say why there is no safe connection to somebody, as in 'its certificate has
// expired'; empty when that isn't why something failed.
func TLSWords(err error) string {
	if _, plain := errors.AsType[tls.RecordHeaderError](err); plain || errors.Is(err, http.ErrSchemeMismatch) {
		return "it doesn’t speak TLS at this address"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok {
		return ""
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return "its certificate has expired, or isn’t valid yet"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "its certificate is for another name"
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "its certificate isn’t trusted, because no authority that this machine knows has signed it"
	}
	return "its certificate can’t be verified"
}
