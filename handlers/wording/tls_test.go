package wording

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"foyer/auth"
	"foyer/sapi"
)

// encrypted is a server whose certificate no authority has signed.
func encrypted(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func TestWhyThereIsNoSafeConnectionIsSaid(t *testing.T) {
	t.Parallel()
	server := encrypted(t)
	trusting := x509.NewCertPool()
	trusting.AddCert(server.Certificate())
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	for _, tt := range []struct {
		name, address string
		config        *tls.Config
		want          string
	}{
		{"another name", server.URL, &tls.Config{RootCAs: trusting, ServerName: "hook.example"}, "its certificate is for another name"},
		{"expired", server.URL, &tls.Config{RootCAs: trusting, Time: func() time.Time { return time.Now().AddDate(200, 0, 0) }}, "its certificate has expired, or isn’t valid yet"},
		{"not valid yet", server.URL, &tls.Config{RootCAs: trusting, Time: func() time.Time { return time.Unix(0, 0).AddDate(-1, 0, 0) }}, "its certificate has expired, or isn’t valid yet"},
		{"not trusted", server.URL, &tls.Config{RootCAs: x509.NewCertPool()}, "its certificate isn’t trusted, because no authority that this machine knows has signed it"},
		{"no TLS", strings.Replace(plain.URL, "http:", "https:", 1), &tls.Config{}, "it doesn’t speak TLS at this address"},
		{"nobody there", "https://127.0.0.1:1", &tls.Config{}, ""},
	} {
		client := http.Client{Transport: &http.Transport{TLSClientConfig: tt.config}}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tt.address, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err == nil {
			_ = response.Body.Close()
			t.Fatalf("%s: an answer", tt.name)
		}
		if got := TLSWords(err); got != tt.want {
			t.Errorf("%s: TLSWords(%v) = %q, want %q", tt.name, err, got, tt.want)
		}
	}
}

func TestASymphonyThatIsNotTrustedIsNamed(t *testing.T) {
	t.Parallel()
	address := encrypted(t).URL
	client, err := sapi.New(sapi.Options{BaseURL: address, TokenURL: address + "/token", LoginURL: address, ClientID: "x", ClientSecret: "y"})
	if err != nil {
		t.Fatal(err)
	}
	a := Classify(client.Ping(t.Context()))
	if a.Title != "There is no safe connection to Symphony" || !strings.Contains(a.What, "Symphony’s token endpoint, and its certificate isn’t trusted") {
		t.Errorf("Classify = %s: %s, want that the token endpoint's certificate isn't trusted", a.Title, a.What)
	}
	_, err = client.Login.Lookup(t.Context(), "a@b.example")
	if a := Classify(err); !strings.Contains(a.What, "Symphony’s login service, and its certificate isn’t trusted") {
		t.Errorf("Classify = %s: %s, want that the login service's certificate isn't trusted", a.Title, a.What)
	}
}

func TestAnIdentityProviderThatIsNotTrustedIsTold(t *testing.T) {
	t.Parallel()
	address := encrypted(t).URL
	provider, err := auth.NewOIDC(auth.OIDCOptions{
		Store: struct{ auth.Store }{}, Issuer: address, ClientID: "x", RedirectURL: "https://foyer.example/auth/callback",
		AllowedReturn: func(string) bool { return true },
	})
	if err != nil {
		t.Fatal(err)
	}
	err = provider.Check(t.Context())
	if why := TLSWords(err); !strings.Contains(why, "its certificate isn’t trusted") {
		t.Errorf("TLSWords(%v) = %q, want that its certificate isn’t trusted", err, why)
	}
	w, r := httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/login/start", nil)
	if _, err = provider.Start(w, r, auth.Resume{}); TLSWords(err) == "" {
		t.Errorf("TLSWords(%v) = nothing, want that its certificate isn’t trusted", err)
	}
}
