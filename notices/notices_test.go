package notices_test

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"foyer/notices"
)

var at = time.Date(2026, 11, 28, 9, 41, 0, 0, time.UTC)

func notice() notices.Notice {
	return notices.Notice{
		ID: "bulk-118-done-1", To: "omar@partner.example", Subject: "[SANDBOX] Bulk change 118 is done: 2 created · 1 refused", Text: "It is done.\n\nhttps://foyer.example/bulk/118\n",
		Type: "bulk_change.done", Data: json.RawMessage(`{"id":118}`), At: at,
	}
}

// mailServer is an SMTP server that takes one mail after the other, and answers each
// recipient as it is told.
func mailServer(t *testing.T, recipient string) (address string, mails <-chan string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	got := make(chan string, 10)
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go serveMail(connection, recipient, got)
		}
	}()
	return listener.Addr().String(), got
}

func serveMail(connection net.Conn, recipient string, got chan<- string) {
	defer connection.Close()
	say := func(line string) { _, _ = io.WriteString(connection, line+"\r\n") }
	say("220 mail.example ESMTP")
	lines := bufio.NewScanner(connection)
	for lines.Scan() {
		switch command, _, _ := strings.Cut(strings.ToUpper(lines.Text()), " "); command {
		case "EHLO", "HELO":
			say("250 mail.example")
		case "RCPT":
			say(recipient)
		case "DATA":
			say("354 go on")
			var mail strings.Builder
			for lines.Scan() && lines.Text() != "." {
				mail.WriteString(lines.Text() + "\n")
			}
			got <- mail.String()
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 fine")
		}
	}
}

func TestAMailTellsOnePerson(t *testing.T) {
	t.Parallel()
	address, mails := mailServer(t, "250 known")
	s, err := notices.New(notices.Options{SMTP: "smtp://" + address, From: "foyer@partner.example"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), notice()); err != nil {
		t.Fatal(err)
	}
	mail := <-mails
	for _, part := range []string{"To: <omar@partner.example>", "From: <foyer@partner.example>", "Message-ID: <bulk-118-done-1@foyer>", "Auto-Submitted: auto-generated", "https://foyer.example/bulk/118"} {
		if !strings.Contains(mail, part) {
			t.Errorf("the mail has no %q:\n%s", part, mail)
		}
	}
}

func TestAMailThatIsRefusedIsAnErrorWithoutTheAddress(t *testing.T) {
	t.Parallel()
	address, _ := mailServer(t, "550 omar@partner.example is not known here")
	s, err := notices.New(notices.Options{SMTP: "smtp://" + address, From: "foyer@partner.example"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), notice()); err == nil || strings.Contains(err.Error(), "omar") {
		t.Errorf("Send: %v, want an error that names nobody", err)
	}
}

func TestAWebHookIsSigned(t *testing.T) {
	t.Parallel()
	const key = "0123456789abcdef0123456789abcdef"
	var signed, body string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(r.Header.Get("Webhook-Id") + "." + r.Header.Get("Webhook-Timestamp") + "." + string(text)))
		body, signed = string(text), "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil))
		if r.Header.Get("Webhook-Signature") != signed {
			t.Errorf("signature %q, want %q", r.Header.Get("Webhook-Signature"), signed)
		}
	}))
	defer server.Close()
	s, err := notices.New(notices.Options{Hook: server.URL, Secret: "whsec_" + base64.StdEncoding.EncodeToString([]byte(key)), Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), notice()); err != nil {
		t.Fatal(err)
	}
	if want := `{"type":"bulk_change.done","timestamp":"2026-11-28T09:41:00Z","data":{"id":118}}`; body != want {
		t.Errorf("body %s, want %s", body, want)
	}
}

func TestAWebHookThatIsRefusedIsAnErrorWithoutItsAddress(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.RedirectHandler("https://elsewhere.example", http.StatusFound))
	defer server.Close()
	s, err := notices.New(notices.Options{Hook: server.URL + "/CANARY", Secret: strings.Repeat("x", 24)})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), notice()); err == nil || strings.Contains(err.Error(), "CANARY") {
		t.Errorf("a redirect: %v, want an error without the address", err)
	}
	server.Close()
	if err := s.Send(t.Context(), notice()); err == nil || strings.Contains(err.Error(), "CANARY") {
		t.Errorf("nobody there: %v, want an error without the address", err)
	}
}

func TestWhatCannotBeASettingIsRefusedWithoutSayingIt(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]notices.Options{
		"no scheme":        {SMTP: "CANARY", From: "foyer@partner.example"},
		"another scheme":   {SMTP: "https://CANARY", From: "foyer@partner.example"},
		"no sender":        {SMTP: "smtp://u:CANARY@mail.example"},
		"a hook in clear":  {Hook: "http://hook.example/CANARY", Secret: strings.Repeat("x", 24)},
		"a short secret":   {Hook: "https://hook.example", Secret: "CANARY"},
		"no base64 at all": {Hook: "https://hook.example", Secret: "whsec_CANARY-CANARY-CANARY-CANARY"},
	} {
		if _, err := notices.New(o); err == nil || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: %v, want an error that doesn't say it", name, err)
		}
	}
}
