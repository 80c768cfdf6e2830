"""Compares recipes on held-out questions; the figures are in bench/results/recipes.md.

    MINILM=DIR DATA=DIR OUT=DIR python bench/recipes/compare.py 0

DATA holds train-b.json, dev.json, aside-b.json, xquad-own.json and xquad-test.json in SQuAD's form. Several processes (0, 1, 2, …) share the
work by files in OUT. QUICK=1 tries every path in a minute on a processor."""

import collections
import json
import os
import random
import re
import sys
import time
import traceback

import torch
from models import encode, measure, squad, train

k = int(sys.argv[1])
OUT = os.environ['OUT']
quick = os.environ.get('QUICK')
T0 = time.time()
LIMIT = float(os.environ.get('LIMIT', 460))  # seconds after which nothing new is begun
D = os.environ['DATA'] + '/'
SEEDS = list(range(1 if quick else 5))
train_recs = squad(D + 'train-b.json')
train_rows = [encode(r) for r in train_recs]
sets = {'dev': [encode(r) for r in squad(D + 'dev.json')], 'aside': [encode(r) for r in squad(D + 'aside-b.json')]}
if quick:
    sets = {n: r[:16] for n, r in sets.items()}


def claim(name):
    """Whether this process is the first to ask for a piece of work."""
    try:
        os.close(os.open(f'{OUT}/claim-{name}', os.O_CREAT | os.O_EXCL))
        return True
    except FileExistsError:
        return False


def say(kind, **what):
    open(f'{OUT}/res2-{k}.jsonl', 'a').write(json.dumps(dict(kind=kind, **what)) + '\n')


def report(kind, base, configs, res, S):
    for i, c in enumerate(configs):
        part = {name: r[i * S : (i + 1) * S].round(1).tolist() for name, r in res.items()}
        say(kind, **base, config=c, **part)
        print(
            kind,
            base,
            c,
            ' | '.join(
                name
                + ' '
                + ' '.join(f'{x:.1f}' for x in r[i * S : (i + 1) * S].mean(0)[:3])
                + f' sd {r[i * S:(i + 1) * S][:, 1].std(ddof=1) if S > 1 else 0:.1f}'
                for name, r in res.items()
            ),
            flush=True,
        )


# ---------- spans that recur in a text: what stands at one place is asked for, the other place answers (after arXiv 2101.00438)
STOP = set(
    'the a an of in on at to for and or but is are was were be been it its this that these those he she they his her their with by as from not no had has have which who whom when where while after before into than then there so if'.split()
)


def recurring(texts, rng, most=6):
    out = []
    for text in texts:
        words = [(m.group(), m.start(), m.end()) for m in re.finditer(r"[\w'’-]+", text)]
        places = collections.defaultdict(list)
        for n in range(1, 5):
            for i in range(len(words) - n + 1):
                w = words[i : i + n]
                if w[0][0].lower() in STOP or w[-1][0].lower() in STOP:
                    continue
                span = text[w[0][1] : w[-1][2]]
                if re.search(r'[.;:!?]', span) or (n == 1 and len(span) < 3 and not span.isdigit()):
                    continue
                places[span].append((w[0][1], w[-1][2]))
        found = [(s, p) for s, p in places.items() if len(p) > 1]
        found.sort(key=lambda x: -len(x[0]))
        taken = []
        rng.shuffle(found)
        for span, p in found[:most]:
            a, b = rng.choice(p)
            left = max(text.rfind(c, 0, a) for c in '.!?') + 1
            right = min([x for x in (text.find(c, b) for c in '.!?') if x >= 0] or [len(text)]) + 1
            q = (text[left:a] + '[MASK]' + text[b:right]).strip()
            context = (text[:left] + text[right:]).strip()
            at = context.find(span)
            if at < 0 or len(q) > 300:
                continue
            out.append(dict(context=context, question=q, answers=[(span, at)], title=''))
    return out


def xquad_chain():
    own_all = squad(D + 'xquad-own.json')
    test = [encode(r, 384) for r in squad(D + 'xquad-test.json')]
    general = train_recs + squad(D + 'aside-b.json')
    grow = [encode(r) for r in general]
    S = len(SEEDS)
    rng = random.Random(5)
    warm_rows = [encode(r) for r in recurring(sorted({r['context'] for r in own_all}), rng)]
    print('recurring rows', len(warm_rows), flush=True)
    if quick:
        test, warm_rows = test[:10], warm_rows[:16]
    for start_name, batch, epochs, lr in [('default', 8, 2, 2e-4), ('full', 8, 6, 1e-4)]:
        if quick:
            batch, epochs = 2, 0.004
        P0, steps, secs = train([dict(lr=lr, seed=s) for s in SEEDS], grow, batch, epochs)
        report('xquad', dict(start=start_name, own=0, secs=round(secs)), [{}], dict(xq=measure(P0, test)), S)

        def ways(own_n, start, tag, lrs, eps, mix=0, **extra):
            draws = []
            for s in SEEDS:
                r = random.Random(100 + s)
                mine = r.sample(own_all, own_n) if own_n < len(own_all) else own_all
                rows = [encode(x) for x in mine] * eps
                if mix:
                    rows = rows + r.sample(grow, min(len(grow), int(len(rows) * mix)))
                draws.append(rows)
            n = min(map(len, draws))
            draws = [d[:n] if not mix else d for d in draws]
            flat = [dict(lr=l, seed=s, **extra) for l in lrs for s in SEEDS]
            big = {n_: torch.cat([p] * len(lrs)) for n_, p in start.items()}
            P, steps, secs = train(
                flat, draws[0], 8 if not quick else 2, 1 if not quick else 0.01, start=big, rows_of=draws * len(lrs)
            )
            report(
                'xquad',
                dict(start=start_name, own=own_n, way=tag, eps=eps, mix=mix, steps=steps, secs=round(secs)),
                [dict(lr=l, **extra) for l in lrs],
                dict(xq=measure(P, test)),
                S,
            )

        A, B = (4, 8) if quick else (100, len(own_all))
        ways(A, P0, 'own', [5e-5, 1e-4, 2e-4], 8)
        ways(A, P0, 'mix', [5e-5, 1e-4, 2e-4], 8, 1)
        ways(B, P0, 'own', [1e-4, 2e-4], 4)
        ways(B, P0, 'mix', [1e-4, 2e-4], 3, 0.5)
        Pw, steps, secs = train(
            [dict(lr=1e-4, seed=s) for s in SEEDS], warm_rows, 8 if not quick else 2, 1 if not quick else 0.1, start=P0
        )
        report(
            'xquad',
            dict(start=start_name, own=0, way='recurring only', secs=round(secs)),
            [{}],
            dict(xq=measure(Pw, test)),
            S,
        )
        ways(A, Pw, 'recurring', [1e-4, 2e-4], 8)
        ways(A, P0, 'own16', [1e-4], 16)
        ways(A, P0, 'mix16', [1e-4], 16, 1)
        ways(B, Pw, 'recurring', [1e-4], 4)
        ways(B, P0, 'own8', [1e-4], 8)
        ways(32, P0, 'own', [1e-4], 16)
        ways(32, P0, 'mix', [1e-4], 16, 1)
        if time.time() - T0 > LIMIT:
            return


G = []
for b, e, lrs in [
    (4, 1, (1e-4, 1.5e-4, 2e-4)),
    (8, 1, (1.5e-4, 2e-4, 3e-4)),
    (8, 2, (1e-4, 2e-4, 3e-4)),
    (4, 2, (0.7e-4, 1e-4, 1.5e-4)),
    (16, 2, (2e-4, 3e-4, 4e-4)),
]:
    G.append((f'budget', b, e, [dict(lr=l) for l in lrs]))
per = [
    dict([(key, v)])
    for key, vs in dict(
        answerable_first=[0.15, 0.3],
        decay=[0.9],
        head=[5, 20],
        kind=['cosine', 'trapezoid', 'sqrt'],
        smooth=[0.1],
        warm=[0.03, 0.25],
        beta2=[0.98],
        clip=[0.3],
        wd=[0.1],
    ).items()
    for v in vs
]
for at in range(0, len(per), 3):
    G.append((f'variant', 8, 2, [dict(lr=2e-4, **v) for v in per[at : at + 3]]))
for x in [
    dict(freeze=0),
    dict(freeze=1),
    dict(ema=0.3),
    dict(dropout=0.0),
    dict(freeze=2),
    dict(dropout=0.05),
    dict(head_std=0.2),
]:
    G.append(('whole', 8, 2, [dict(lr=l, **x) for l in (1e-4, 2e-4, 3e-4)]))
for b, e, lrs in [(8, 4, (0.7e-4, 1e-4, 2e-4)), (8, 8, (0.5e-4, 1e-4, 1.5e-4))]:
    G.append(('long', b, e, [dict(lr=l) for l in lrs]))
if k == 0 and claim('xquad'):
    try:
        xquad_chain()
    except Exception:
        traceback.print_exc()
for i, (kind, b, e, configs) in enumerate(G):
    if time.time() - T0 > LIMIT or not claim(i):
        continue
    try:
        if quick:
            b, e, configs = 2, 0.003, configs[:1]
        flat = [dict(c, seed=s) for c in configs for s in SEEDS]
        P, steps, secs = train(flat, train_rows, b, e)
        report(
            kind,
            dict(batch=b, epochs=e, steps=steps, secs=round(secs)),
            configs,
            {n: measure(P, r) for n, r in sets.items()},
            len(SEEDS),
        )
        del P
    except Exception:
        traceback.print_exc()
