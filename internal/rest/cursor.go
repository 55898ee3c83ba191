package rest

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

var errCursor = errors.New("this is not a cursor of this list")

// pageSize is how many items a page has if the caller does not say.
const pageSize = 50

// A Listing is the query of every list.
type Listing struct {
	Cursor string `query:"cursor" doc:"next of the page before" maxLength:"200"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (l Listing) size() int {
	if l.Limit == 0 {
		return pageSize
	}
	return l.Limit
}

// cursor packs a position; position unpacks it.
func cursor(number int64, id string) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d:%s", number, id))
}

func (l Listing) position() (number int64, id string, err error) {
	if l.Cursor == "" {
		return 0, "", nil
	}
	text, err := base64.RawURLEncoding.DecodeString(l.Cursor)
	if err != nil {
		return 0, "", errCursor
	}
	first, id, ok := strings.Cut(string(text), ":")
	number, err = strconv.ParseInt(first, 10, 64)
	if !ok || err != nil || number < 0 || !named(id) {
		return 0, "", errCursor
	}
	return number, id, nil
}

// paged shows items, and the cursor after the last if the page is full.
func paged[T, V any](items []T, size int, show func(T) V, after func(T) string) *body[page[V]] {
	out := page[V]{Items: make([]V, 0, len(items))}
	for _, item := range items {
		out.Items = append(out.Items, show(item))
	}
	if len(items) == size {
		out.Next = after(items[len(items)-1])
	}
	return answer(out)
}

// when shows a stored time; nil where the thing has not happened.
func when(micros int64) *time.Time {
	if micros == 0 {
		return nil
	}
	t := time.UnixMicro(micros).UTC()
	return &t
}

// stamp reads a time that a caller gave, or 0.
func stamp(t *time.Time) int64 {
	if t == nil {
		return 0
	}
	return t.UnixMicro()
}

// moment reads a time that a caller gave, or the zero time.
func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
