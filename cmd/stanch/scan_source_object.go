package main

import (
	"cmp"
	"os"
	"strings"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/source/objectstore"
)

// bucket yields a job for each object below an address.
func (w *walk) bucket(target string) {
	flags := w.sources.flags
	b, err := objectstore.Open(target, objectstore.Options{
		Endpoint: cmp.Or(flags.S3Endpoint, os.Getenv("AWS_ENDPOINT_URL_S3"), os.Getenv("AWS_ENDPOINT_URL")),
		Region:   cmp.Or(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION")),
		Access:   os.Getenv("AWS_ACCESS_KEY_ID"), Secret: os.Getenv("AWS_SECRET_ACCESS_KEY"), Session: os.Getenv("AWS_SESSION_TOKEN"),
		Profile: os.Getenv("AWS_PROFILE"), File: flags.S3Credentials, Versions: flags.S3Versions,
	})
	if err != nil {
		w.unread("s3://", err) // what was written may hold a secret
		return
	}
	folders := map[string]bool{}
	for o, err := range b.Objects(w.ctx) {
		if err != nil {
			w.unread(b.Shown, err)
			return
		}
		path := b.Path(o)
		if !w.prefixes(path, folders) || !w.yieldJob(path, func(j *sourceJob) error {
			return j.remembered(b.Identity(o), func() error { return j.object(b, o) })
		}) {
			return
		}
	}
}

// maxPrefixes bounds the names that are remembered; past that they are
// reported again for each object.
const maxPrefixes = 10_000

// prefixes yields the parts of an object's key that are called after a card.
func (w *walk) prefixes(path string, known map[string]bool) bool {
	for i := len("s3://"); ; i++ {
		next := strings.IndexByte(path[i:], '/')
		if next < 0 {
			return true
		}
		name := path[i : i+next]
		i += next
		if known[path[:i]] || !card.HoldsPAN(name) {
			continue
		}
		if len(known) < maxPrefixes {
			known[path[:i]] = true
		}
		if !w.name(path[:i]) {
			return false
		}
	}
}

// object scans an object and what the store says about it.
func (j *sourceJob) object(b *objectstore.Bucket, o objectstore.Object) error {
	r, err := b.Open(j.ctx, o)
	if err != nil {
		return j.failed(err)
	}
	defer r.Close()
	j.say(j.path, strings.Join(r.Labels, "\n"))
	return j.examine(j.path, r, o.Size, nil)
}
