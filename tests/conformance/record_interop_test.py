"""What a log holds, taken apart by tools that know nothing of it: the commands
of trust.md §21 over the records of the worked example (§26)."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

EXAMPLE = pathlib.Path('signing/testdata/example')
KAFKA = {
    'config.json': '{"type":"object","properties":{"brokers":{"type":'
                   '"integer","default":3}}}\n',
    'package.json': '{"name":"kafka","version":"2.6.0-2.2.1"}\n',
    'relations.json': '{"requires":[{"package":"kafka-zookeeper",'
                      '"versions":">=2.6"}]}\n',
}
SPLIT = ('!b&&/^$/{b=1;next} !b{print>"stmt"} '
         'b{if(/^-----BEGIN/)n++;print>("sig" n)}')


class Records(unittest.TestCase):

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def shell(self, command):
        return subprocess.run(command, shell=True, cwd=self.folder, check=True,
                              capture_output=True, text=True).stdout

    def split(self, leaf):
        """Writes stmt, sig1 … of a leaf; those of the one before go."""
        for old in self.folder.glob('s*'):
            old.unlink()
        shutil.copy(EXAMPLE / leaf, self.folder / 'leaf')
        self.shell("awk '%s' leaf" % SPLIT)

    def signers(self):
        self.split('leaf-4')
        self.shell("sed -n 's/^signer //p' stmt >allowed")

    def verify(self, signature, principal, namespace):
        return self.shell(
            'ssh-keygen -Y verify -f allowed -I %s -n %s -s %s <stmt' %
            (principal, namespace, signature))

    def test_ssh_keygen_verifies_every_record(self):
        self.signers()
        bob = self.shell('ssh-keygen -Y find-principals -f allowed -s sig1')
        self.assertEqual(bob, 'bob@example.org\n')
        self.assertIn('Good', self.verify('sig1', 'bob@example.org',
                                          'keyset@orrery'))
        self.assertIn('Good', self.verify('sig2', 'alice@example.org',
                                          'keyset@orrery'))
        for leaf, namespace in (('leaf-5', 'release@orrery'),
                                ('leaf-9', 'yank@orrery')):
            self.split(leaf)
            self.assertIn('Good', self.verify('sig1', 'alice@example.org',
                                              namespace))
            with self.assertRaises(subprocess.CalledProcessError):
                self.verify('sig1', 'alice@example.org', 'keyset@orrery')
            with self.assertRaises(subprocess.CalledProcessError):
                self.verify('sig1', 'bob@example.org', namespace)

    def test_sha256sum_checks_the_files_of_a_release(self):
        self.split('leaf-5')
        for name, text in KAFKA.items():
            (self.folder / name).write_text(text)
        lines = self.shell(
            "sed -n 's/^file sha256:\\([0-9a-f]*\\) [0-9]* \\(.*\\)/\\1  \\2/p'"
            ' stmt | sha256sum -c')
        self.assertEqual(lines, ''.join('%s: OK\n' % name for name in KAFKA))

    def test_coreutils_give_the_tree_hash(self):
        self.split('leaf-5')
        digest = self.shell(
            "sed -n 's/^file sha256:\\([0-9a-f]*\\) [0-9]* \\(.*\\)/\\1  "
            "kafka@57\\/\\2/p' stmt | sha256sum | cut -c1-64")
        tree = self.shell("sed -n 's/^tree h1://p' stmt")
        self.assertEqual(
            subprocess.run(['base64'], input=bytes.fromhex(digest),
                           capture_output=True, check=True).stdout.decode(),
            tree)

    def test_sha256sum_gives_the_leaf_hash(self):
        shutil.copy(EXAMPLE / 'leaf-5', self.folder / 'leaf')
        self.assertEqual(
            self.shell("{ printf '\\0'; cat leaf; } | sha256sum").split()[0],
            '8f48cedf01976a805532567a95540401a40abf1d6373617865944544d766ad4e')


if __name__ == '__main__':
    unittest.main()
