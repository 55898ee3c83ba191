package rest

import (
	"context"
	"net"
	"net/http"
	"strings"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/tenant"
)

// SessionCookie is the name of the console's session cookie. The API takes it
// too, so that a person's session can approve what a token cannot.
const SessionCookie = "stanch_session"

type principalKey struct{}

// WithPrincipal returns a context in which p asks. The admin socket uses it
// for a peer it has checked.
func WithPrincipal(ctx context.Context, p access.Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

func principalOf(ctx context.Context) (access.Principal, bool) {
	p, ok := ctx.Value(principalKey{}).(access.Principal)
	return p, ok
}

// identify finds out who asks, by bearer token or session. Whoever shows
// neither goes on as nobody; whoever shows a bad token is refused here.
func (a *API) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(context.WithValue(r.Context(), addressKey{}, peer(r.RemoteAddr)))
		if _, ok := principalOf(r.Context()); ok {
			next.ServeHTTP(w, r)
			return
		}
		var p access.Principal
		var err error
		if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
			p, err = a.Door.Authenticate(r.Context(), tenant.Default, token)
		} else if cookie, missing := r.Cookie(SessionCookie); missing == nil {
			p, err = a.Door.Resume(r.Context(), tenant.Default, cookie.Value)
		} else {
			next.ServeHTTP(w, r)
			return
		}
		if err != nil {
			writeFault(w, fault(http.StatusUnauthorized, "not_signed_in", "the token or session is not valid"))
			return
		}
		next.ServeHTTP(w, r.WithContext(WithPrincipal(r.Context(), p)))
	})
}

type addressKey struct{}

// addressOf returns the address that the request came from.
func addressOf(ctx context.Context) string {
	address, _ := ctx.Value(addressKey{}).(string)
	return address
}

// peer returns the address that a request came from, without the port.
func peer(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return host
}
