// Package objectstore reads the objects of an S3-compatible store. In goes a
// bucket and a prefix, out come the objects below it in the order of the
// listing, each readable at any place by ranged requests. It only lists and
// reads, keeps a few blocks of an object in memory, and logs nothing. No error
// holds a credential or an object's bytes.
package objectstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// What can go wrong.
var (
	ErrAddress     = errors.New("the address is not understood; write s3://bucket/prefix, and the endpoint as https://host:port")
	ErrCredentials = errors.New("there are no credentials, or the store does not accept them; see AWS_ACCESS_KEY_ID and AWS_PROFILE")
	ErrDenied      = errors.New("the account may not read it; it needs s3:ListBucket and s3:GetObject")
	ErrNoBucket    = errors.New("there is no such bucket at this endpoint and in this region")
	ErrUnreachable = errors.New("the store does not answer; check endpoint, region and network")
	ErrArchived    = errors.New("it lies in an archive tier; restore it and scan again")
	ErrEncrypted   = errors.New("it is encrypted with a key that the customer holds")
	ErrChanged     = errors.New("it was replaced while it was read")
	ErrStore       = errors.New("the store refused it")
)

// Options say where the store is and who asks. Empty credentials are read from
// the files of the AWS tools; without any, the store is asked as nobody.
type Options struct {
	Endpoint string // https://host:port; empty for Amazon's
	Region   string
	Access   string
	Secret   string
	Session  string
	Profile  string
	File     string // credentials file; empty for the usual ones
	Versions bool   // read older versions as well
}

// A Bucket is a place to read from.
type Bucket struct {
	Shown string // s3://bucket/prefix

	name, prefix string
	core         minio.Core
	versions     bool
	nobody       bool // asks without credentials
}

// Open prepares to read an address, s3://bucket/prefix. It asks nothing yet.
func Open(address string, o Options) (*Bucket, error) {
	rest, ok := strings.CutPrefix(address, "s3://")
	name, prefix, _ := strings.Cut(rest, "/")
	if !ok || name == "" || strings.ContainsAny(name, "@:?") {
		return nil, ErrAddress
	}
	host, secure := "s3.amazonaws.com", true
	if o.Endpoint != "" {
		u, err := url.Parse(o.Endpoint)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
			return nil, ErrAddress
		}
		host, secure = u.Host, u.Scheme == "https"
		if o.Region == "" {
			o.Region = "us-east-1"
		}
	}
	creds, nobody, err := o.credentials()
	if err != nil {
		return nil, err
	}
	client, err := minio.New(host, &minio.Options{Creds: creds, Secure: secure, Region: o.Region, Transport: transport(), MaxRetries: 4})
	if err != nil {
		return nil, ErrAddress
	}
	client.SetAppInfo("stanch", "1")
	return &Bucket{Shown: address, name: name, prefix: prefix, core: minio.Core{Client: client}, versions: o.Versions, nobody: nobody}, nil
}

// Scheme reports whether address is one of this package's.
func Scheme(address string) bool { return strings.HasPrefix(address, "s3://") }

// credentials finds who asks. Nobody asks if there are none and none were
// named.
func (o Options) credentials() (c *credentials.Credentials, nobody bool, err error) {
	if o.Access != "" {
		return credentials.NewStaticV4(o.Access, o.Secret, o.Session), false, nil
	}
	c = credentials.New(&credentials.FileAWSCredentials{Filename: o.File, Profile: o.Profile})
	if found, err := c.GetWithContext(nil); err == nil && found.AccessKeyID != "" {
		return c, false, nil
	}
	if o.File != "" || o.Profile != "" {
		return nil, false, ErrCredentials
	}
	return credentials.NewStaticV4("", "", ""), true, nil
}

func transport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableCompression = true // an object is read as it is stored
	t.DialContext = (&net.Dialer{Timeout: 10 * time.Second}).DialContext
	t.ResponseHeaderTimeout = 60 * time.Second
	return t
}

// An Object is one object, or one version of it.
type Object struct {
	Key     string
	Version string // empty where there are none
	Size    int64

	etag     string
	modified time.Time
}

// Identity changes when the object is written again. It is empty if the store
// gives nothing to go by.
func (b *Bucket) Identity(o Object) string {
	if o.etag == "" || o.modified.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s %s %q %d %d", b.core.EndpointURL(), o.Version, o.etag, o.Size, o.modified.UnixNano())
}

// Path is the object's address. It may hold a card number, which whoever prints
// it masks.
func (b *Bucket) Path(o Object) string {
	path := "s3://" + b.name + "/" + o.Key
	if o.Version != "" {
		path += "?versionId=" + o.Version
	}
	return path
}

// Objects lists the objects, page by page. An error ends the list.
func (b *Bucket) Objects(ctx context.Context) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		for info := range b.core.ListObjectsIter(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix, Recursive: true, WithVersions: b.versions}) {
			if info.Err != nil {
				yield(Object{}, b.fault(info.Err))
				return
			}
			if info.IsDeleteMarker {
				continue
			}
			o := Object{Key: info.Key, Size: info.Size, etag: info.ETag, modified: info.LastModified}
			if b.versions {
				o.Version = info.VersionID
			}
			if !yield(o, nil) {
				return
			}
		}
	}
}

// fault says of one who asks without credentials that there are none.
func (b *Bucket) fault(err error) error {
	if err = faultOf(err); err == ErrDenied && b.nobody {
		return ErrCredentials
	}
	return err
}

// faultOf turns an answer of the store into an error that quotes nothing.
func faultOf(err error) error {
	var answer minio.ErrorResponse
	var dial *net.OpError
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &answer):
		return answerFault(answer)
	case errors.As(err, &dial), errors.Is(err, context.DeadlineExceeded):
		return ErrUnreachable
	}
	var web *url.Error
	if errors.As(err, &web) {
		return ErrUnreachable
	}
	return ErrStore
}

func answerFault(answer minio.ErrorResponse) error {
	switch answer.Code {
	case "NoSuchBucket", "PermanentRedirect":
		return ErrNoBucket
	case "NoSuchKey", "NoSuchVersion":
		return fs.ErrNotExist
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken":
		return ErrCredentials
	case "InvalidObjectState":
		return ErrArchived
	case "PreconditionFailed":
		return ErrChanged
	case "AccessDenied":
		return ErrDenied
	}
	switch answer.StatusCode {
	case http.StatusBadRequest:
		if strings.Contains(answer.Message, "encrypted") || strings.Contains(answer.Message, "Server Side Encryption") {
			return ErrEncrypted
		}
	case http.StatusUnauthorized, http.StatusForbidden:
		return ErrDenied
	case http.StatusNotFound:
		return fs.ErrNotExist
	case http.StatusPreconditionFailed:
		return ErrChanged
	}
	return ErrStore
}
