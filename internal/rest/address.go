package rest

import (
	"net/http"
	"strings"
)

const idAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-"

// plain answers 404 to an address that can name nothing of ours, before
// anything is asked for it: an id has at most letters, digits and a few signs,
// and a database may refuse others with an error instead of finding nothing.
func plain(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bad := !named(strings.ReplaceAll(r.URL.Path, "/", ""))
		for _, id := range r.URL.Query()["case"] {
			bad = bad || !named(id)
		}
		if bad {
			writeFault(w, fault(http.StatusNotFound, "no_such_thing", "no such thing"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// named says whether something can be an id of ours. An empty one can: it
// stands for none.
func named(id string) bool { return strings.Trim(id, idAlphabet) == "" }
