package rest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/record"
)

// Errors of repeated calls.
var (
	errBusyKey      = errors.New("a call with this Idempotency-Key was begun, and how it ended is not known; look before you call again with a new key")
	errOtherRequest = errors.New("this Idempotency-Key belongs to another request")
)

// An Answer is what a call with an Idempotency-Key got.
type Answer struct {
	Digest []byte // of method, path and body, keyed
	Status int    // 0 while it is not known
	Type   string
	Body   []byte
}

// Answers keeps answers for a day. Its implementation is in internal/store.
type Answers interface {
	// Begin notes that a call is being made. If the key was used before it
	// returns that call's answer and false.
	Begin(ctx context.Context, who record.Who, key string, digest []byte) (Answer, bool, error)
	// Keep notes how the call ended.
	Keep(ctx context.Context, who record.Who, key string, a Answer) error
}

// once makes a repeated POST with the same Idempotency-Key have one effect
// and the same answer. After a crash in the middle the outcome is not known;
// then the second call is told so and nothing is done twice.
func (a *API) once(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get("Idempotency-Key")
		p, known := principalOf(r.Context())
		if key == "" || !known || r.Method != http.MethodPost || holdsSecret(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		if err := a.answerOnce(w, r, p.Who(), key, next); err != nil {
			a.writeError(w, r, err)
		}
	})
}

// holdsSecret reports whether the operation at a path takes or gives a
// password, a passphrase, a token or a link. Nothing of it is kept, so it
// takes no Idempotency-Key.
func holdsSecret(path string) bool {
	path = strings.TrimPrefix(path, "/api/v1")
	return path == "/session" || path == "/presence" || path == "/tokens" || strings.HasPrefix(path, "/tokens/") ||
		strings.HasPrefix(path, "/links/") || strings.HasPrefix(path, "/plans/") && strings.HasSuffix(path, "/rollback")
}

func (a *API) writeError(w http.ResponseWriter, r *http.Request, err error) {
	var f *huma.ErrorModel
	if !errors.As(a.explain(r.Context(), err), &f) {
		f = fault(http.StatusTooManyRequests, "too_many_attempts", "come back later")
	}
	writeFault(w, f)
}

func (a *API) answerOnce(w http.ResponseWriter, r *http.Request, who record.Who, key string, next http.Handler) error {
	if len(key) > 128 {
		return errOtherRequest
	}
	if card.HoldsPAN(key) {
		return casefile.ErrCardData // keys are kept for a day
	}
	sent, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return fault(http.StatusRequestEntityTooLarge, "too_large", "the request is too large")
	}
	// A plain hash would let whoever reads the table try out what was sent.
	sum := sha256.Sum256([]byte(r.Method + "\x00" + r.URL.Path + "\x00" + string(sent)))
	digest := a.Digest(sum[:])
	before, fresh, err := a.Answers.Begin(r.Context(), who, key, digest)
	switch {
	case err != nil:
		return err
	case !fresh && !hmac.Equal(before.Digest, digest):
		return errOtherRequest
	case !fresh && before.Status == 0:
		return errBusyKey
	case !fresh:
		w.Header().Set("Content-Type", before.Type)
		w.Header().Set("Idempotency-Replayed", "true")
		w.WriteHeader(before.Status)
		_, _ = w.Write(before.Body) // the client is gone if this fails
		return nil
	}
	r.Body = io.NopCloser(bytes.NewReader(sent))
	taped := &tape{ResponseWriter: w, status: http.StatusOK}
	next.ServeHTTP(taped, r)
	kept := Answer{Digest: digest, Status: taped.status, Type: w.Header().Get("Content-Type"), Body: taped.body.Bytes()}
	if err := a.Answers.Keep(context.WithoutCancel(r.Context()), who, key, kept); err != nil {
		a.Log.ErrorContext(r.Context(), "answer not kept", "err", err)
	}
	return nil
}

// A tape copies an answer while it is written.
type tape struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader implements [http.ResponseWriter].
func (t *tape) WriteHeader(status int) {
	t.status = status
	t.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (t *tape) Write(p []byte) (int, error) {
	t.body.Write(p)
	return t.ResponseWriter.Write(p)
}
