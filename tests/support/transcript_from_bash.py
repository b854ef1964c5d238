#!/usr/bin/env python3
"""Rewrites a shell transcript with what the real bash and GNU tools of this machine print.

usage: transcript_from_bash.py FILE...      (--check: print differences instead)

The files a transcript declares ("@ /home/ops/x") are made in a scratch home. Lines that only Faultline can
answer do not belong into a transcript that is verified this way: those live in transcripts named lab_*.
"""
import difflib
import os
import re
import subprocess
import sys
import tempfile


def parse(text):
    head, files, steps, where = [], [], [], 'head'
    for line in text.splitlines():
        if line.startswith('$ '):
            steps.append(([line[2:]], []))
            where = 'output'
        elif where == 'output' and line.startswith('> ') and not steps[-1][1]:
            steps[-1][0].append(line[2:])
        elif where != 'output' and line.startswith('@ '):
            files.append((line[2:], []))
            head.append(line)
            where = 'file'
        elif where == 'file' and line.startswith('|'):
            files[-1][1].append(line[1:])
            head.append(line)
        elif where == 'output':
            steps[-1][1].append(line)
        else:
            where = 'head'
            head.append(line)
    return head, files, steps


def run(files, steps):
    with tempfile.TemporaryDirectory() as root:
        home = os.path.join(root, 'home', 'ops')
        os.makedirs(home)
        os.makedirs(os.path.join(root, 'tmp'))
        for path, lines in files:
            target = root + path
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, 'w') as out:
                out.write(''.join(line + '\n' for line in lines))
        mark = '@@@step@@@'
        # Each step runs by eval, so that a syntax error ends that step alone.
        script = 'shopt -s expand_aliases\n'
        for lines, _ in steps:
            body = '\n'.join(lines).replace("'", "'\\''")
            script += f"eval '{body}' </dev/null\nfaultline_status=$?; echo '{mark}'; (exit $faultline_status)\n"
        env = {'HOME': home, 'PATH': os.environ['PATH'], 'LANG': 'C.UTF-8', 'USER': 'ops', 'TERM': 'dumb', 'TZ': 'UTC'}
        done = subprocess.run(['bash', '--norc', '-s'], input=script, text=True, env=env, cwd=home,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
        output = done.stdout.replace(root, '')
        output = re.sub(r'^bash: line \d+: ', 'bash: ', output, flags=re.M)
        output = re.sub(r'^bash: eval: line \d+: ', 'bash: ', output, flags=re.M)
        output = re.sub(r'^bash: (syntax error near [^\n]*)\nbash: `.*\'$', r'bash: \1', output, flags=re.M)
        output = output.replace('mawk: ', 'awk: ').replace('\u2018', "'").replace('\u2019', "'")
        return output.split(mark + '\n')[:len(steps)]


def main():
    check = '--check' in sys.argv
    for path in [a for a in sys.argv[1:] if a != '--check']:
        with open(path) as source:
            old = source.read()
        head, files, steps = parse(old)
        outputs = run(files, steps)
        new = ''.join(line + '\n' for line in head)
        for (lines, _), output in zip(steps, outputs):
            new += '$ ' + lines[0] + '\n' + ''.join('> ' + line + '\n' for line in lines[1:])
            new += output if not output or output.endswith('\n') else output + '\n%\n'
        if check:
            sys.stdout.writelines(difflib.unified_diff(new.splitlines(True), old.splitlines(True), 'bash', path))
        else:
            with open(path, 'w') as out:
                out.write(new)


main()
