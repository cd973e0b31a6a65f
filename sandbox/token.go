package sandbox

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/subtle"
	"crypto/x509"
	"database/sql"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

const (
	defaultTokenLifetime = 24 * time.Hour
	issuer               = "https://auth.sandbox.example/"
	scope                = "community:accounts:onboard"
)

// claims are those of the published sample token.
type claims struct {
	jwt.Claims
	PartnerID string `json:"https://auth.symphony.com/partner_id"`
	AZP       string `json:"azp"`
	Scope     string `json:"scope"`
	GrantType string `json:"gty"`
	// Epoch counts the revocations: a token of an earlier one is void.
	Epoch int `json:"epoch"`
}

// getToken answers POST /oauth/token. It takes JSON alone, as published, so that
// a client that sends a form finds out here.
func (s *Sandbox) getToken(ctx context.Context, tx *sql.Tx, x *exchange) (answer, error) {
	var asked struct {
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
		Audience     string `json:"audience"`
		GrantType    string `json:"grant_type"`
	}
	mediaType, _, _ := mime.ParseMediaType(x.Header.Get("Content-Type"))
	if mediaType != "application/json" || json.Unmarshal(x.body, &asked) != nil {
		return tokenRefusal(http.StatusBadRequest, "invalid_request", "The body must be a JSON object")
	}
	switch {
	case asked.GrantType == "":
		return tokenRefusal(http.StatusBadRequest, "invalid_request", "Missing required parameter: grant_type")
	case asked.GrantType != "client_credentials":
		return tokenRefusal(http.StatusForbidden, "unsupported_grant_type", "Unsupported grant type: "+asked.GrantType)
	case !same(asked.ClientID, ClientID) || !same(asked.ClientSecret, ClientSecret):
		return tokenRefusal(http.StatusUnauthorized, "access_denied", "Unauthorized")
	case asked.Audience != Audience:
		return tokenRefusal(http.StatusForbidden, "access_denied", "Service not found: "+asked.Audience)
	}

	token, err := s.issue(ctx, tx, x.now)
	if err != nil {
		return answer{}, err
	}
	return jsonAnswer(http.StatusOK, struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
		ExpiresIn   int    `json:"expires_in,omitempty"`
	}{token, "Bearer", s.faults.Settings().TokenExpiresIn})
}

// tokenRefusal is how the token endpoint refuses: its bodies are not problems.
func tokenRefusal(status int, code, description string) (answer, error) {
	return jsonAnswer(status, map[string]string{"error": code, "error_description": description})
}

func same(given, right string) bool {
	return subtle.ConstantTimeCompare([]byte(given), []byte(right)) == 1
}

func (s *Sandbox) issue(ctx context.Context, tx *sql.Tx, now time.Time) (string, error) {
	key, err := s.signingKey(ctx, tx)
	if err == nil && key == nil {
		key, err = makeSigningKey(ctx, tx)
	}
	if err != nil {
		return "", err
	}
	epoch, err := tokenEpoch(ctx, tx)
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}

	settings := s.faults.Settings()
	c := claims{
		Claims: jwt.Claims{
			Issuer:   issuer,
			Subject:  ClientID + "@clients",
			Audience: jwt.Audience{Audience},
			IssuedAt: jwt.NewNumericDate(now),
			Expiry:   jwt.NewNumericDate(now.Add(settings.TokenLifetime)),
		},
		PartnerID: PartnerID,
		AZP:       ClientID,
		Scope:     scope,
		GrantType: "client-credentials",
		Epoch:     epoch,
	}
	if settings.NoExpiry {
		c.Expiry = nil
	}
	token, err := jwt.Signed(signer).Claims(c).Serialize()
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return token, nil
}

// authorise lets a request pass that brings a token in force.
func (s *Sandbox) authorise(ctx context.Context, tx *sql.Tx, x *exchange) error {
	scheme, token, _ := strings.Cut(x.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return unauthorised("Full authentication is required to access this resource")
	}
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return unauthorised("The token is malformed")
	}
	key, err := s.signingKey(ctx, tx)
	if err != nil {
		return err
	}
	var c claims
	if key == nil || parsed.Claims(key.Public(), &c) != nil {
		return unauthorised("The token's signature is not valid")
	}
	if err := c.ValidateWithLeeway(jwt.Expected{Issuer: issuer, AnyAudience: jwt.Audience{Audience}, Time: x.now}, 0); err != nil {
		return unauthorised("The token is expired, or for somebody else")
	}
	epoch, err := tokenEpoch(ctx, tx)
	if err != nil {
		return err
	}
	if c.Epoch != epoch || !slices.Contains(strings.Fields(c.Scope), scope) {
		return unauthorised("The token is revoked")
	}
	return nil
}

func unauthorised(detail string) *problem {
	return newProblem(http.StatusUnauthorized, detail)
}

// signingKey reads the key pair. It is nil while no token was ever given out.
func (s *Sandbox) signingKey(ctx context.Context, tx *sql.Tx) (*rsa.PrivateKey, error) {
	s.keyMu.Lock()
	defer s.keyMu.Unlock()
	if s.key != nil {
		return s.key, nil
	}
	text, err := metaValue(ctx, tx, "signing_key")
	if err != nil || text == "" {
		return nil, err
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("read signing key: not PEM")
	}
	if s.key, err = x509.ParsePKCS1PrivateKey(block.Bytes); err != nil {
		return nil, fmt.Errorf("read signing key: %w", err)
	}
	return s.key, nil
}

// newKey makes the key pair of all sandboxes that are new in this process. It
// takes a tenth of a second, which a test suite that opens hundreds of them would
// pay hundreds of times.
var newKey = sync.OnceValues(func() (*rsa.PrivateKey, error) {
	return rsa.GenerateKey(rand.Reader, 2048)
})

// makeSigningKey keeps a key pair in the database, so that tokens stay good over
// a restart. It is done for the first token, not at the start: a sandbox that is
// never asked for one need not pay for it.
func makeSigningKey(ctx context.Context, tx *sql.Tx) (*rsa.PrivateKey, error) {
	key, err := newKey()
	if err != nil {
		return nil, fmt.Errorf("make signing key: %w", err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	return key, setMetaValue(ctx, tx, "signing_key", string(text))
}

func tokenEpoch(ctx context.Context, tx *sql.Tx) (int, error) {
	text, err := metaValue(ctx, tx, "token_epoch")
	if err != nil || text == "" {
		return 0, err
	}
	epoch, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("read token epoch: %w", err)
	}
	return epoch, nil
}

// RevokeTokens voids every token given out so far. New ones can be had at once.
func (f *Faults) RevokeTokens(ctx context.Context) error {
	return f.sandbox.inTx(ctx, func(tx *sql.Tx) error {
		epoch, err := tokenEpoch(ctx, tx)
		if err != nil {
			return err
		}
		return setMetaValue(ctx, tx, "token_epoch", strconv.Itoa(epoch+1))
	})
}

func metaValue(ctx context.Context, tx *sql.Tx, name string) (string, error) {
	var value string
	err := tx.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = $1`, name).Scan(&value)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	return value, nil
}

func setMetaValue(ctx context.Context, tx *sql.Tx, name, value string) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO meta (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
