"""Many MiniLM question-answering models trained side by side: every weight has a first dimension of models, so that one card compares
dozens of recipes at once. The encoder's folder is $MINILM (npm run setup puts one into .spanlab/models)."""

import collections
import json
import math
import os
import random
import re
import string
import time

import numpy as np, torch, torch.nn.functional as F
from safetensors.torch import load_file
from tokenizers import Tokenizer

ENCODER = os.environ["MINILM"]
dev = 'cuda' if torch.cuda.is_available() else 'cpu'
L, H, HEADS = 6, 384, 12
tok = Tokenizer.from_file(f'{ENCODER}/tokenizer.json')
tok.no_padding()
tok.no_truncation()
base = {
    k.replace('bert.', ''): v.float()
    for k, v in load_file(f'{ENCODER}/model.safetensors').items()
    if v.is_floating_point()
}

try:
    import triton, triton.language as tl

    @triton.jit
    def _adam(P, G, M, V, A, A1, WD, B2, C2, SC, per, n, BLOCK: tl.constexpr):
        at = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
        ok = at < n
        e = at // per
        a = tl.load(A + e, mask=ok, other=0.0)
        a1 = tl.load(A1 + e, mask=ok, other=0.0)
        wd = tl.load(WD + e, mask=ok, other=0.0)
        b2 = tl.load(B2 + e, mask=ok, other=0.0)
        c2 = tl.load(C2 + e, mask=ok, other=1.0)
        sc = tl.load(SC + e, mask=ok, other=0.0)
        p = tl.load(P + at, mask=ok, other=0.0)
        g = tl.load(G + at, mask=ok, other=0.0).to(tl.float32) * sc
        m = tl.load(M + at, mask=ok, other=0.0) * 0.9 + g * 0.1
        v = tl.load(V + at, mask=ok, other=0.0) * b2 + g * g * (1 - b2)
        p = p * (1 - a * wd) - a1 * m / (tl.sqrt(v / c2) + 1e-8)
        tl.store(P + at, p, mask=ok)
        tl.store(M + at, m, mask=ok)
        tl.store(V + at, v, mask=ok)

    HAVE = torch.cuda.is_available()
except Exception:
    HAVE = False


def adam_plain(p, g, m, v, a, a1, wd, b2, c2, sc):
    E = p.shape[0]
    sh = lambda x: x.view(E, *([1] * (p.dim() - 1)))
    g = g.float() * sh(sc)
    m.mul_(0.9).add_(g, alpha=0.1)
    v.mul_(sh(b2)).add_(g * g * sh(1 - b2))
    p.mul_(1 - sh(a * wd))
    p.sub_(sh(a1) * m / ((v / sh(c2)).sqrt() + 1e-8))


def adam(p, g, m, v, *vecs):
    if not HAVE:
        return adam_plain(p, g, m, v, *vecs)
    g = g.contiguous()
    n = p.numel()
    _adam[(triton.cdiv(n, 1024),)](p, g, m, v, *(x.contiguous() for x in vecs), n // p.shape[0], n, BLOCK=1024)


if HAVE:
    try:
        t = lambda: torch.randn(3, 5, 70, device='cuda')
        p, g, m, v = t(), t(), t(), t().abs()
        q = [x.clone() for x in (p, g, m, v)]
        vecs = [torch.rand(3, device='cuda') * 0.5 + 0.2 for _ in range(6)]
        adam(p, g, m, v, *vecs)
        adam_plain(*q, *vecs)
        err = max(float((a - b).abs().max()) for a, b in zip((p, m, v), (q[0], q[2], q[3])))
        print('triton adam differs by', err)
        HAVE = err < 1e-4
    except Exception as x:
        print('no triton', repr(x)[:300])
        HAVE = False


# ---------- data
def squad(path):
    out = []
    for a in json.load(open(path))['data']:
        for p in a['paragraphs']:
            for q in p['qas']:
                out.append(
                    dict(
                        context=p['context'],
                        question=q['question'],
                        title=a.get('title', ''),
                        answers=(
                            [] if q.get('is_impossible') else [(x['text'], x['answer_start']) for x in q['answers']]
                        ),
                    )
                )
    return out


MAXLEN = 256


def encode(rec, maxlen=None):
    """One row; a text longer than MAXLEN keeps the window round its answer (rare)."""
    q = tok.encode(rec['question'], add_special_tokens=False)
    c = tok.encode(rec['context'], add_special_tokens=False)
    room = (maxlen or MAXLEN) - 3 - len(q.ids)
    first = 0
    s = e = None
    if rec['answers']:
        text, at = rec['answers'][0]
        end = at + len(text)
        s = next(i for i, (a, b) in enumerate(c.offsets) if b > at)
        e = next(i for i in range(len(c.offsets) - 1, -1, -1) if c.offsets[i][0] < end)
        if e >= room:
            first = max(0, min(len(c.ids) - room, s - room // 2))
    ids = c.ids[first : first + room]
    offs = c.offsets[first : first + room]
    row = [101] + q.ids + [102] + ids + [102]
    b = len(q.ids) + 2
    start, stop = (s - first + b, e - first + b) if s is not None and e - first < len(ids) else (0, 0)
    return dict(ids=row, types=[0] * b + [1] * (len(ids) + 1), start=start, end=stop, b=b, offs=offs, rec=rec)


def norm(s):
    s = ''.join(ch for ch in s.lower() if ch not in string.punctuation)
    return ' '.join(re.sub(r'\b(a|an|the)\b', ' ', s).split())


def f1(p, g):
    p, g = norm(p).split(), norm(g).split()
    if not p or not g:
        return float(p == g)
    n = sum((collections.Counter(p) & collections.Counter(g)).values())
    return 0.0 if n == 0 else 2 * n / (len(p) + len(g))


# ---------- model: every weight has a first dimension of E models
def names():
    yield from [
        'embeddings.word_embeddings.weight',
        'embeddings.position_embeddings.weight',
        'embeddings.token_type_embeddings.weight',
        'embeddings.LayerNorm.weight',
        'embeddings.LayerNorm.bias',
    ]
    for l in range(L):
        p = f'encoder.layer.{l}.'
        for n in [
            'attention.self.query',
            'attention.self.key',
            'attention.self.value',
            'attention.output.dense',
            'attention.output.LayerNorm',
            'intermediate.dense',
            'output.dense',
            'output.LayerNorm',
        ]:
            yield p + n + '.weight'
            yield p + n + '.bias'


def fresh(E, seeds, start=None, head_std=0.02):
    P = {n: (start[n] if start else base[n].unsqueeze(0).expand(E, *base[n].shape)).clone().to(dev) for n in names()}
    if start:
        P['qa.weight'], P['qa.bias'] = start['qa.weight'].clone().to(dev), start['qa.bias'].clone().to(dev)
    else:
        P['qa.weight'] = torch.stack(
            [torch.randn(2, H, generator=torch.Generator().manual_seed(1000 + s)) * head_std for s in seeds]
        ).to(dev)
        P['qa.bias'] = torch.zeros(E, 2, device=dev)
    return P


def linear(x, w, b):  # x [E,N,I]
    with torch.autocast(dev, dtype=torch.bfloat16):
        y = torch.bmm(x, w.transpose(1, 2))
    return y + b.unsqueeze(1).to(y.dtype)


def layer_norm(x, w, b):
    return F.layer_norm(x.float(), (H,), eps=1e-12) * w.unsqueeze(1) + b.unsqueeze(1)


def forward(P, ids, types, lengths, dropout, frozen=0):  # ids [E,B,T]
    E, B, T = ids.shape
    off = torch.arange(E, device=dev).view(E, 1, 1)
    we = P['embeddings.word_embeddings.weight']
    x = F.embedding(ids + off * we.shape[1], we.reshape(-1, H)) + P['embeddings.position_embeddings.weight'][
        :, :T
    ].unsqueeze(1)
    te = P['embeddings.token_type_embeddings.weight']
    x = x + F.embedding(types + off * 2, te.reshape(-1, H))
    x = layer_norm(x.view(E, B * T, H), P['embeddings.LayerNorm.weight'], P['embeddings.LayerNorm.bias'])
    drop = (lambda t: F.dropout(t, dropout)) if dropout else (lambda t: t)
    x = drop(x)
    mask = (torch.arange(T, device=dev) < lengths.unsqueeze(-1)).view(E * B, 1, 1, T)
    for l in range(L):
        p = f'encoder.layer.{l}.'
        g = lambda n: (P[p + n + '.weight'], P[p + n + '.bias'])
        h = x.to(torch.bfloat16) if dev == 'cuda' else x
        q, k, v = (
            linear(h, *g(f'attention.self.{n}')).view(E * B, T, HEADS, H // HEADS).transpose(1, 2)
            for n in ['query', 'key', 'value']
        )
        a = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=dropout)
        a = a.transpose(1, 2).reshape(E, B * T, H)
        x = layer_norm(x + drop(linear(a, *g('attention.output.dense'))), *g('attention.output.LayerNorm'))
        h = x.to(torch.bfloat16) if dev == 'cuda' else x
        i = F.gelu(linear(h, *g('intermediate.dense')))
        x = layer_norm(x + drop(linear(i, *g('output.dense'))), *g('output.LayerNorm'))
        if l + 1 == frozen:
            x = x.detach()
    y = torch.bmm(x, P['qa.weight'].transpose(1, 2)) + P['qa.bias'].unsqueeze(1)
    y = y.view(E, B, T, 2)
    pad = torch.arange(T, device=dev) >= lengths.unsqueeze(-1)
    y = y.masked_fill(pad.unsqueeze(-1), -1e4)
    return y[..., 0], y[..., 1]


def tensors(rows, T):
    B = len(rows)
    ids = np.zeros((B, T), np.int64)
    types = np.zeros((B, T), np.int64)
    for i, r in enumerate(rows):
        ids[i, : len(r['ids'])] = r['ids']
        types[i, : len(r['types'])] = r['types']
    return (
        ids,
        types,
        np.array([len(r['ids']) for r in rows]),
        np.array([r['start'] for r in rows]),
        np.array([r['end'] for r in rows]),
    )


def order(rows, batch, epochs, seed, c):
    """As the library's loader: shuffled, rows of similar length in one batch, batches shuffled; an optional first share of answerable rows only."""
    rng = random.Random(seed)
    out = []
    whole = math.ceil(epochs)
    total = math.ceil(len(rows) * epochs / batch)
    for ep in range(whole):
        idx = list(range(len(rows)))
        rng.shuffle(idx)
        cut = []
        for at in range(0, len(idx), batch * 50):
            part = sorted(idx[at : at + batch * 50], key=lambda i: len(rows[i]['ids']))
            cut += [part[k : k + batch] for k in range(0, len(part), batch)]
        cut = [b for b in cut if len(b) == batch]
        rng.shuffle(cut)
        out += cut
    out = out[:total]
    if c.get('answerable_first'):
        n = int(len(out) * c['answerable_first'])
        yes = [i for i in range(len(rows)) if rows[i]['end'] > 0]
        for k in range(n):
            out[k] = [i if rows[i]['end'] > 0 else rng.choice(yes) for i in out[k]]
    return out


def rate(step, total, warm, kind):
    w = max(1, int(total * warm))
    if step < w:
        return (step + 1) / w
    t = (step - w) / max(1, total - w)
    if kind == 'linear':
        return 1 - t
    if kind == 'cosine':
        return 0.5 * (1 + math.cos(math.pi * t))
    if kind == 'trapezoid':
        return min(1, (1 - t) / 0.3)
    if kind == 'sqrt':
        return 1 - math.sqrt(t)


def train(configs, rows, batch, epochs, start=None, rows_of=None, log=''):
    """configs: one dict a model: lr, seed, decay (layer-wise), head (rate factor), wd, warm, kind, freeze, smooth, ema, beta2, dropout, clip"""
    E = len(configs)
    t0 = time.time()
    c0 = configs[0]
    P = fresh(E, [c['seed'] for c in configs], start, c0.get('head_std', 0.02))
    vec = lambda key, d: torch.tensor([float(c.get(key, d)) for c in configs], device=dev)
    lr, wd, b2, clip = vec('lr', 1e-4), vec('wd', 0.01), vec('beta2', 0.999), vec('clip', 1.0)
    decay, head, smooth = vec('decay', 1.0), vec('head', 1.0), vec('smooth', 0.0)
    dropout = c0.get('dropout', 0.1)
    frozen = c0.get('freeze', -1)
    own = [rows_of[i] if rows_of else rows for i in range(E)]
    plans = [order(own[i], batch, epochs, c['seed'], c) for i, c in enumerate(configs)]
    total = min(len(p) for p in plans)
    trained = []
    for n in P:
        depth = 0 if n.startswith('embeddings') else L + 1 if n.startswith('qa') else int(n.split('.')[2]) + 1
        if frozen >= 0 and depth <= frozen:
            continue
        P[n].requires_grad_(True)
        trained.append((n, depth))
    M = {n: torch.zeros_like(P[n]) for n, _ in trained}
    V = {n: torch.zeros_like(P[n]) for n, _ in trained}
    ema = {n: None for n, _ in trained} if c0.get('ema') else None
    ema_n = 0
    torch.manual_seed(c0['seed'])
    losses = []
    for step in range(total):
        batches = [[own[i][j] for j in plans[i][step]] for i in range(E)]
        T = max(len(r['ids']) for b in batches for r in b)
        T = (T + 15) // 16 * 16
        ids, types, lens, s, e = (
            torch.from_numpy(np.stack(x)).to(dev, non_blocking=True) for x in zip(*(tensors(b, T) for b in batches))
        )
        S, En = forward(P, ids, types, lens, dropout, max(frozen, 0))

        def ce(logits, target):
            lp = F.log_softmax(logits, -1)
            nll = -lp.gather(-1, target.unsqueeze(-1)).squeeze(-1)
            if (smooth > 0).any():
                valid = logits > -9e3
                uni = -(lp * valid).sum(-1) / valid.sum(-1)
                nll = nll * (1 - smooth.view(E, 1)) + uni * smooth.view(E, 1)
            return nll.mean(1)

        loss = (ce(S, s) + ce(En, e)) / 2
        grads = torch.autograd.grad(loss.sum(), [P[n] for n, _ in trained])
        with torch.no_grad():
            norm2 = sum(g.float().square().flatten(1).sum(1) for g in grads)
            scale = torch.clamp(clip / (norm2.sqrt() + 1e-6), max=1.0)
            c1 = 1 - 0.9 ** (step + 1)
            c2 = 1 - b2 ** (step + 1)
            r = torch.tensor(
                [rate(step, total, c.get('warm', 0.1), c.get('kind', 'linear')) for c in configs], device=dev
            )
            zero = torch.zeros_like(wd)
            for (n, depth), g in zip(trained, grads):
                p = P[n]
                a = lr * r * decay ** (L + 1 - depth) * (head if depth == L + 1 else 1.0)
                adam(p, g, M[n], V[n], a, a / c1, wd if p.dim() > 2 else zero, b2, c2, scale)
            if ema is not None and step >= total * (1 - c0['ema']):
                ema_n += 1
                for n, _ in trained:
                    ema[n] = P[n].clone() if ema[n] is None else ema[n].lerp_(P[n], 1 / ema_n)
        losses.append(loss.detach())
    if ema is not None:
        P.update({n: ema[n] for n in ema})
    if dev == 'cuda':
        torch.cuda.synchronize()
    return {n: p.detach() for n, p in P.items()}, total, time.time() - t0


@torch.no_grad()
def predict(P, rows, chunk=64):
    E = P['qa.bias'].shape[0]
    out = [[None] * len(rows) for _ in range(E)]
    idx = sorted(range(len(rows)), key=lambda i: len(rows[i]['ids']))
    for at in range(0, len(idx), chunk):
        part = [rows[i] for i in idx[at : at + chunk]]
        T = max(len(r['ids']) for r in part)
        ids, types, lens, _, _ = (torch.from_numpy(x).to(dev) for x in tensors(part, T))
        S, En = forward(P, *(x.unsqueeze(0).expand(E, *x.shape) for x in (ids, types, lens)), 0.0)
        S, En = S.float(), En.float()
        b = torch.tensor([r['b'] for r in part], device=dev).view(1, -1, 1)
        pos = torch.arange(T, device=dev)
        ctx = (pos >= b) & (pos < lens.view(1, -1, 1) - 1)
        S2, E2 = S.masked_fill(~ctx, -1e4), En.masked_fill(~ctx, -1e4)
        span = S2.unsqueeze(-1) + E2.unsqueeze(-2)
        ok = (pos.view(1, -1) >= pos.view(-1, 1)) & (pos.view(1, -1) < pos.view(-1, 1) + 30)
        best, where = span.masked_fill(~ok, -1e5).flatten(-2).max(-1)
        null = S[..., 0] + En[..., 0]
        best, where, null = best.cpu().numpy(), where.cpu().numpy(), null.cpu().numpy()
        for m in range(E):
            for k, r in enumerate(part):
                i, j = divmod(int(where[m, k]), T)
                a, z = r['offs'][i - r['b']][0], r['offs'][j - r['b']][1]
                out[m][idx[at + k]] = (r['rec']['context'][a:z], float(best[m, k] - null[m, k]))
    return out


def measure(P, rows):
    """A list a model: HasAns exact, F1, NoAns right, all exact, all F1 (the null answer where its score is higher)."""
    res = []
    for pred in predict(P, rows):
        h, n = [], []
        for (text, margin), r in zip(pred, rows):
            golds = [t for t, _ in r['rec']['answers']]
            said = text if margin > 0 else ''
            if golds:
                h.append((max(float(norm(said) == norm(g)) for g in golds), max(f1(said, g) for g in golds)))
            else:
                n.append(float(said == ''))
        H_, N_ = np.array(h) * 100, np.array(n) * 100
        allx = np.concatenate([H_, np.stack([N_, N_], 1)]) if len(N_) else H_
        res.append(
            [
                H_[:, 0].mean(),
                H_[:, 1].mean(),
                N_.mean() if len(N_) else float('nan'),
                allx[:, 0].mean(),
                allx[:, 1].mean(),
            ]
        )
    return np.array(res)
