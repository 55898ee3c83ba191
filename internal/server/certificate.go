package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/stanch/stanch/internal/config"
	"github.com/stanch/stanch/internal/durable"
)

// certificate returns how the centre proves itself, or nil on loopback without
// TLS settings. Off loopback without a certificate it makes one of its own in
// the keys folder; made tells so, because browsers will warn and people have
// to compare the fingerprint.
func certificate(c *config.Config, now time.Time) (cert *tls.Certificate, made bool, err error) {
	local, err := c.Loopback()
	if err != nil {
		return nil, false, err
	}
	certFile, keyFile := c.TLS.Cert, c.TLS.Key
	switch {
	case certFile == "" && local:
		return nil, false, nil
	case certFile == "":
		certFile, keyFile, made = filepath.Join(c.Keys, "tls.crt"), filepath.Join(c.Keys, "tls.key"), true
		if err := ensureCertificate(certFile, keyFile, c.Listen, now); err != nil {
			return nil, false, err
		}
	}
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, false, fmt.Errorf("read certificate %s: %w", certFile, err)
	}
	return &pair, made, nil
}

// fingerprint returns the SHA-256 of a certificate as browsers show it.
func fingerprint(cert *tls.Certificate) string {
	sum := sha256.Sum256(cert.Certificate[0])
	digits := strings.ToUpper(hex.EncodeToString(sum[:]))
	parts := make([]string, 0, len(sum))
	for i := 0; i < len(digits); i += 2 {
		parts = append(parts, digits[i:i+2])
	}
	return strings.Join(parts, ":")
}

// ensureCertificate makes a certificate for the listen address, good for two
// years, unless there is one.
func ensureCertificate(certFile, keyFile, listen string, now time.Time) error {
	if _, err := os.Stat(certFile); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make certificate key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return fmt.Errorf("make certificate: %w", err)
	}
	form := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Stanch"}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(2, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, DNSNames: names(host), IPAddresses: addresses(host),
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	if err != nil {
		return fmt.Errorf("make certificate: %w", err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("make certificate: %w", err)
	}
	if err := durable.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o400); err != nil {
		return fmt.Errorf("write certificate key: %w", err)
	}
	return durable.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o444)
}

func names(host string) []string {
	out := []string{"localhost"}
	if name, err := os.Hostname(); err == nil {
		out = append(out, name)
	}
	if host != "" && net.ParseIP(host) == nil {
		out = append(out, host)
	}
	return out
}

func addresses(host string) []net.IP {
	out := []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	if ip := net.ParseIP(host); ip != nil && !ip.IsUnspecified() {
		return append(out, ip)
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		return out
	}
	for _, a := range own {
		if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() {
			out = append(out, n.IP)
		}
	}
	return out
}
