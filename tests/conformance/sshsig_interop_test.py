"""SSH signatures: what ssh-keygen makes the verifier takes, what it must not
take it refuses, also where ssh-keygen does not (trust.md §22.2)."""

import base64
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

HEADER = '-----BEGIN SSH SIGNATURE-----\n'
FOOTER = '-----END SSH SIGNATURE-----\n'
NAMESPACE = 'release@orrery'
MESSAGE = b'orrery/record/v1\nkind release\n'
KINDS = {
    'ed25519': ['-t', 'ed25519'],
    'ecdsa256': ['-t', 'ecdsa', '-b', '256'],
    'ecdsa384': ['-t', 'ecdsa', '-b', '384'],
    'ecdsa521': ['-t', 'ecdsa', '-b', '521'],
    'rsa3072': ['-t', 'rsa', '-b', '3072'],
}
VERIFIER = 'tests/conformance/sshsig_verify'
SIGNER = 'tests/conformance/sshsig_sign'


def armored(blob, columns=70):
    text = base64.b64encode(blob).decode()
    lines = [text[i:i + columns] for i in range(0, len(text), columns)]
    return HEADER + ''.join(line + '\n' for line in lines) + FOOTER


def blob_of(armor):
    return base64.b64decode(''.join(armor.splitlines()[1:-1]))


def ssh_string(value):
    return len(value).to_bytes(4, 'big') + value


class Sshsig(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        for name, options in KINDS.items():
            subprocess.run(['ssh-keygen', '-q', '-N', '', '-C', '', '-f',
                            cls.folder / name] + options, check=True)

    def sign(self, name, namespace=NAMESPACE, message=MESSAGE, options=()):
        return subprocess.run(
            ['ssh-keygen', '-q', '-Y', 'sign', '-n', namespace, *options,
             '-f', self.folder / name],
            input=message, capture_output=True, check=True).stdout.decode()

    def write(self, name, text):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def ours(self, armor, name='ed25519', namespace=NAMESPACE,
             message=MESSAGE):
        """'' if accepted, else the code."""
        done = subprocess.run(
            [VERIFIER, self.folder / (name + '.pub'), namespace,
             self.write('sig', armor)],
            input=message, capture_output=True, check=False)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        self.assertEqual(done.returncode == 0, done.stdout == b'')
        return done.stdout.decode().strip()

    def theirs(self, armor, name='ed25519', namespace=NAMESPACE,
               message=MESSAGE):
        signers = self.write('signers', 'someone %s' % (
            self.folder / (name + '.pub')).read_text())
        return subprocess.run(
            ['ssh-keygen', '-Y', 'verify', '-f', signers, '-I', 'someone',
             '-n', namespace, '-s', self.write('sig', armor)],
            input=message, capture_output=True, check=False).returncode == 0

    def test_takes_what_ssh_keygen_makes(self):
        for name in KINDS:
            for hash_name in ('sha256', 'sha512'):
                armor = self.sign(name, options=['-O', 'hashalg=' + hash_name])
                with self.subTest(name=name, hash=hash_name):
                    self.assertEqual(self.ours(armor, name), '')
                    self.assertEqual(
                        self.ours(armor, name, message=MESSAGE + b'\n'),
                        'record.signature')
                    self.assertEqual(self.ours(armor, name, namespace='git'),
                                     'record.namespace')

    def test_another_key_is_a_wrong_signature(self):
        self.assertEqual(self.ours(self.sign('ecdsa256'), 'ed25519'),
                         'record.signature')

    def test_ssh_keygen_takes_what_we_make(self):
        seed = bytes(range(32))
        public = self.folder / 'ours.pub'
        made = subprocess.run([SIGNER, seed.hex(), NAMESPACE, public],
                              input=MESSAGE, capture_output=True, check=True)
        armor = made.stdout.decode()
        self.assertTrue(self.theirs(armor, 'ours'))
        self.assertEqual(self.ours(armor, 'ours'), '')

    def test_mutations(self):
        armor = self.sign('ed25519')
        blob = blob_of(armor)
        base64_text = ''.join(armor.splitlines()[1:-1])
        key = (self.folder / 'ed25519.pub').read_text().split()[1]
        key = base64.b64decode(key)
        head = b'SSHSIG' + (1).to_bytes(4, 'big')
        signature = blob[blob.index(ssh_string(b'ssh-ed25519'), 60):]
        order = 2**252 + 27742317777372353535851937790883648493
        larger = int.from_bytes(blob[-32:], 'little') + order

        def rebuilt(namespace=NAMESPACE.encode(), reserved=b'',
                    hash_name=b'sha512', inner=signature, version=head):
            return armored(version + ssh_string(key) + ssh_string(namespace) +
                           ssh_string(reserved) + ssh_string(hash_name) +
                           ssh_string(inner))

        self.assertEqual(self.ours(rebuilt()), '')
        # Armor or blob, what ssh-keygen says, what we say.
        cases = {
            '40 columns': (armored(blob, 40), True, ''),
            'CRLF': (armor.replace('\n', '\r\n'), False, 'record.syntax'),
            'text before': ('text\n' + armor, False, 'record.syntax'),
            'empty first line': ('\n' + armor, False, 'record.syntax'),
            'text after': (armor + 'text\n', True, 'record.syntax'),
            'second armor': (armor + armor, True, 'record.syntax'),
            'spaces': (armor.replace(base64_text[:4],
                                     base64_text[:2] + ' ' + base64_text[2:4]),
                       True, 'record.syntax'),
            'version 0': (rebuilt(version=b'SSHSIG' + bytes(4)), True,
                          'record.syntax'),
            'version 2': (rebuilt(version=b'SSHSIG\0\0\0\2'), False,
                          'record.syntax'),
            'reserved': (rebuilt(reserved=b'x'), True, 'record.syntax'),
            'trailing bytes': (armored(blob + b'x'), False, 'record.syntax'),
            'trailing bytes of the signature': (
                rebuilt(inner=signature + b'x'), False, 'record.syntax'),
            'hash SHA512': (rebuilt(hash_name=b'SHA512'), False,
                            'record.syntax'),
            'hash md5': (rebuilt(hash_name=b'md5'), False, 'record.syntax'),
            'namespace': (rebuilt(namespace=b'git'), False,
                          'record.namespace'),
            'NUL in the namespace': (
                rebuilt(namespace=NAMESPACE.encode() + b'\0x'), False,
                'record.syntax'),
            'NUL behind the namespace': (
                rebuilt(namespace=NAMESPACE.encode() + b'\0'), True,
                'record.syntax'),
            'S+L': (armored(blob[:-32] + larger.to_bytes(32, 'little')), True,
                    'record.signature'),
            'algorithm of another key': (
                rebuilt(inner=signature.replace(b'ssh-ed25519',
                                                b'ssh-ed25518')),
                False, 'record.syntax'),
            'no padding': (armor.replace('=', ''), False, 'record.syntax'),
            'no final newline': (armor[:-1], True, ''),
        }
        for name, (mutated, theirs, ours) in cases.items():
            with self.subTest(name):
                self.assertEqual(self.theirs(mutated), theirs)
                self.assertEqual(self.ours(mutated), ours)

    def test_low_order_key_signs_nothing(self):
        # R = 1, S = 0, by a key whose signatures anybody can make.
        key = ssh_string(b'ssh-ed25519') + ssh_string(bytes([1]) + bytes(31))
        inner = ssh_string(b'ssh-ed25519') + ssh_string(
            bytes([1]) + bytes(63))
        armor = armored(b'SSHSIG\0\0\0\1' + ssh_string(key) +
                        ssh_string(NAMESPACE.encode()) + ssh_string(b'') +
                        ssh_string(b'sha512') + ssh_string(inner))
        self.write('low.pub', 'ssh-ed25519 %s\n' %
                   base64.b64encode(key).decode())
        self.assertTrue(self.theirs(armor, 'low'))
        self.assertEqual(self.ours(armor, 'low'), 'record.key.weak')

    def test_certificates_sign_nothing(self):
        authority = self.folder / 'ecdsa256'
        subprocess.run(['ssh-keygen', '-q', '-s', authority, '-I', 'me', '-n',
                        'someone', self.folder / 'ed25519.pub'], check=True)
        certificate = self.folder / 'ed25519-cert.pub'
        self.addCleanup(os.unlink, certificate)
        armor = subprocess.run(
            ['ssh-keygen', '-q', '-Y', 'sign', '-n', NAMESPACE, '-f',
             certificate], input=MESSAGE, capture_output=True,
            check=True).stdout.decode()
        self.assertEqual(self.ours(armor), 'record.syntax')

    def test_wrong_usage_is_64(self):
        for arguments in ([], ['a', 'b'], ['/nowhere', NAMESPACE, '/nowhere']):
            done = subprocess.run([VERIFIER, *arguments], input=b'',
                                  capture_output=True, check=False)
            self.assertEqual(done.returncode, 64)


if __name__ == '__main__':
    unittest.main()
