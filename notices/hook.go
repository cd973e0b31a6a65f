package notices

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// hookWithin bounds one web hook.
const hookWithin = 10 * time.Second

// hook posts events as Standard Webhooks has them.
type hook struct {
	url    string
	secret []byte
	agent  string
	now    func() time.Time
	client http.Client
}

func newHook(o Options) (*hook, error) {
	u, err := url.Parse(o.Hook)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, errors.New("FOYER_WEBHOOK_URL: must be an https address")
	}
	if len(o.Secret) < 24 {
		return nil, errors.New("FOYER_WEBHOOK_SECRET: must have 24 characters or more")
	}
	secret := []byte(o.Secret)
	if encoded, ok := strings.CutPrefix(o.Secret, "whsec_"); ok {
		if secret, err = base64.StdEncoding.DecodeString(encoded); err != nil {
			return nil, errors.New("FOYER_WEBHOOK_SECRET: what follows whsec_ must be base64")
		}
	}
	return &hook{
		url: o.Hook, secret: secret, agent: o.UserAgent, now: o.Now,
		client: http.Client{Timeout: hookWithin, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}, nil
}

func (h *hook) send(ctx context.Context, n Notice) error {
	body, err := json.Marshal(struct {
		Type      string          `json:"type"`
		Timestamp time.Time       `json:"timestamp"`
		Data      json.RawMessage `json:"data"`
	}{n.Type, n.At.UTC(), n.Data})
	if err != nil {
		return fmt.Errorf("post web hook: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return errors.New("post web hook: its address can't be one")
	}
	at := strconv.FormatInt(h.now().Unix(), 10)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", h.agent)
	request.Header.Set("Webhook-Id", n.ID)
	request.Header.Set("Webhook-Timestamp", at)
	request.Header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(h.sign(n.ID, at, body)))
	response, err := h.client.Do(request)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err // without the address, which may have a token
		}
		return fmt.Errorf("post web hook: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return fmt.Errorf("post web hook: it was answered with status %d", response.StatusCode)
	}
	return nil
}

// sign is the signature of Standard Webhooks: HMAC-SHA256 of id, time and body.
func (h *hook) sign(id, at string, body []byte) []byte {
	mac := hmac.New(sha256.New, h.secret)
	mac.Write([]byte(id + "." + at + "."))
	mac.Write(body)
	return mac.Sum(nil)
}
