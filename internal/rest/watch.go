package rest

import (
	"context"
	"net/http"

	"github.com/stanch/stanch/internal/access"
)

func (a *API) watchRoutes() {
	route(a, http.MethodGet, "/watch", "read-watch", "Say how the watched folders are", access.View, func(context.Context, access.Principal, *none) (*body[page[WatchedRoot]], error) {
		same := func(r WatchedRoot) WatchedRoot { return r }
		return paged(a.Watch.Status(), -1, same, nil), nil
	})
}
