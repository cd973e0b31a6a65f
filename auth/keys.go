package auth

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"

	jose "github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/singleflight"

	"foyer/safely"
)

// minRSABits is what RFC 7518, section 3.3, asks of a key.
const minRSABits = 2048

// providerKeys are the keys with which the provider signs: fetched when they are first
// needed, and again when none of them fits, because a provider changes its keys as it
// likes. It implements oidc.KeySet; go-oidc's own fails for all keys when one of them
// is malformed, and takes keys that are too short or for something else.
type providerKeys struct {
	url        string
	algorithms []jose.SignatureAlgorithm
	client     *http.Client

	flight singleflight.Group
	mu     sync.Mutex
	known  []jose.JSONWebKey
}

// VerifySignature implements oidc.KeySet.
func (k *providerKeys) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	return k.verify(ctx, jwt, k.fetch)
}

// verifyKnown is VerifySignature without asking the provider.
func (k *providerKeys) verifyKnown(ctx context.Context, jwt string) ([]byte, error) {
	return k.verify(ctx, jwt, func(context.Context) ([]jose.JSONWebKey, error) { return nil, nil })
}

func (k *providerKeys) verify(ctx context.Context, jwt string, fetch func(context.Context) ([]jose.JSONWebKey, error)) ([]byte, error) {
	signed, err := jose.ParseSignedCompact(jwt, k.algorithms)
	if err != nil {
		return nil, errors.New("a malformed token, or another algorithm than the provider’s")
	}
	if len(signed.Signatures) != 1 {
		return nil, errors.New("not one signature")
	}
	k.mu.Lock()
	known := k.known
	k.mu.Unlock()
	if payload, ok := verifyWith(known, signed); ok {
		return payload, nil
	}
	fresh, err := fetch(ctx)
	if err != nil {
		return nil, err
	}
	if payload, ok := verifyWith(fresh, signed); ok {
		return payload, nil
	}
	return nil, fmt.Errorf("signed by none of the provider's %d keys that may sign", len(fresh))
}

// verifyWith tries the keys that the token names, or all if it names none.
func verifyWith(keys []jose.JSONWebKey, signed *jose.JSONWebSignature) ([]byte, bool) {
	kid := signed.Signatures[0].Header.KeyID
	for _, key := range keys {
		if kid != "" && key.KeyID != kid {
			continue
		}
		if payload, err := signed.Verify(&key); err == nil {
			return payload, true
		}
	}
	return nil, false
}

// fetch asks the provider, once for any number of concurrent callers. A caller that
// goes away does not take the others' answer with it.
func (k *providerKeys) fetch(ctx context.Context) ([]jose.JSONWebKey, error) {
	result := k.flight.DoChan("", safely.InFlight(func() ([]jose.JSONWebKey, error) {
		fresh, err := k.get(context.WithoutCancel(ctx))
		if err != nil {
			return nil, err
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		k.known = fresh
		return fresh, nil
	}))
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-result:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.([]jose.JSONWebKey), nil
	}
}

func (k *providerKeys) get(ctx context.Context) ([]jose.JSONWebKey, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, k.url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := k.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: status %d of its keys", errProviderDown, resp.StatusCode)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&set); err != nil {
		return nil, fmt.Errorf("%w: decode keys: %w", errProviderDown, err)
	}
	var usable []jose.JSONWebKey
	for _, raw := range set.Keys {
		if key, ok := readKey(raw); ok {
			usable = append(usable, key)
		}
	}
	return usable, nil
}

// readKey reads one key of a set; false for one that is malformed, or of a kind that
// go-jose doesn't know, or that may not sign, or is too short. RFC 7517, section 5, has
// such keys ignored.
func readKey(raw json.RawMessage) (jose.JSONWebKey, bool) {
	var key jose.JSONWebKey
	if json.Unmarshal(raw, &key) != nil || !key.Valid() || !key.IsPublic() || key.Use != "" && key.Use != "sig" {
		return jose.JSONWebKey{}, false
	}
	if public, ok := key.Key.(*rsa.PublicKey); ok && public.N.BitLen() < minRSABits {
		return jose.JSONWebKey{}, false
	}
	return key, true
}
