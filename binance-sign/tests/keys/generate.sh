#!/bin/sh
# Makes every key and signature in this folder anew, with OpenSSL 3. Run it inside the folder.
set -eu
pass='pass:correct horse'

printf %s 'symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943' \
  >message.txt

# Plain keys, their public halves, and signatures of message.txt.
for bits in 2048 3072 4096; do
  openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:$bits -out rsa$bits.pem
  openssl rsa -in rsa$bits.pem -traditional -out rsa$bits-pkcs1.pem
  openssl dgst -sha256 -sign rsa$bits.pem message.txt | base64 -w0 >rsa$bits.sig
done
openssl pkcs8 -topk8 -nocrypt -in rsa2048.pem -outform DER -out rsa2048.der
openssl rsa -in rsa2048.pem -traditional -outform DER -out rsa2048-pkcs1.der
openssl rsa -in rsa2048.pem -pubout -out rsa2048-public.pem
openssl rsa -in rsa2048.pem -RSAPublicKey_out -out rsa2048-public-pkcs1.pem
openssl genpkey -quiet -algorithm ed25519 -out ed25519.pem
openssl pkey -in ed25519.pem -outform DER -out ed25519.der
openssl pkey -in ed25519.pem -pubout -out ed25519-public.pem
openssl pkeyutl -sign -inkey ed25519.pem -rawin -in message.txt | base64 -w0 >ed25519.sig

# Encrypted keys that are read. 2,048 iterations unless a count is given.
encrypt() { # encrypt KEY SUFFIX OPTION...
  key=$1 suffix=$2
  shift 2
  openssl pkcs8 -topk8 -in "$key.pem" -passout "$pass" "$@" -out "$key-$suffix.pem"
}
for key in rsa2048 ed25519; do
  encrypt $key aes128 -v2 aes-128-cbc -iter 10000
  encrypt $key aes256 -v2 aes-256-cbc
  encrypt $key sha512 -v2 aes-256-cbc -v2prf hmacWithSHA512
  encrypt $key scrypt -v2 aes-256-cbc -scrypt -scrypt_N 1024
done
encrypt ed25519 quick -v2 aes-256-cbc -iter 1
encrypt ed25519 scrypt-default -v2 aes-256-cbc -scrypt
encrypt rsa3072 aes256 -v2 aes-256-cbc
encrypt rsa4096 aes256 -v2 aes-256-cbc
openssl pkcs8 -topk8 -in ed25519.pem -passout "$pass" -v2 aes-256-cbc -outform DER -out ed25519-aes256.der

# Files that are refused, each with an error of its own.
encrypt ed25519 sha1 -v2 aes-256-cbc -v2prf hmacWithSHA1
encrypt ed25519 aes192 -v2 aes-192-cbc
encrypt ed25519 iterations -v2 aes-256-cbc -iter 2000001
encrypt ed25519 des3 -v2 des3
encrypt ed25519 pbes1 -v1 PBE-SHA1-3DES
openssl rsa -in rsa2048.pem -traditional -aes256 -passout "$pass" -out rsa2048-proc-type.pem
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out rsa1024.pem
openssl genpkey -quiet -algorithm ed448 -out ed448.pem
openssl ecparam -name prime256v1 -genkey -noout -out ec-sec1.pem
openssl pkcs8 -topk8 -nocrypt -in ec-sec1.pem -out ec.pem
chmod 644 ./*.pem ./*.der
