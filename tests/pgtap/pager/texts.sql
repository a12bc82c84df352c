\ir ../_setup.sql
begin;
select plan(7);

select results_eq($$
    select pager.redact_text(t.said)
      from (values
        (1, 'POST https://discord.com/api/webhooks/123/abc-DEF_1 gave 404'),
        (2, 'postgresql://me:hunter2@server/desk is away'),
        (3, '{"api_key": "abc123", "token":"t0k"} refused, password=x1'),
        (4, 'key PKABCDEF0123456789AB refused'),
        (5, 'secret is ' || repeat('aB3', 13) || 'x'),
        (6, repeat('f', 64) || ' is a digest'),
        (7, 'RECON: CASH USD: ours 100000.000000, theirs 99999.970000')) as t (n, said)
     order by t.n $$,
    array[
        'POST https://discord.com/api/webhooks/*** gave 404',
        'postgresql://***@server/desk is away',
        '{"api_key": "***", "token":"***"} refused, password=***',
        'key *** refused',
        'secret *** ***',
        repeat('f', 64) || ' is a digest',
        'RECON: CASH USD: ours 100000.000000, theirs 99999.970000'],
    'a notice carries no secret, and says the rest');

select is(pager.describe_event('{"gate": "RECON", "reason": "drift", "evidence": {"a": 1},
                                "raw_sha256": "ff", "fill_seq": 3, "error_code": null, "empty": ""}'),
          'drift, gate RECON', 'the reason comes first, digests and evidence stay in the diary');
select is(pager.describe_event('{"price_micros": 62500000, "fill_qty": -3}'),
          'fill qty -3, price 62.500000', 'money is told in dollars');
select is(length(pager.describe_event(jsonb_build_object('reason', repeat('x ', 300)))), 250,
          'a notice is at most 250 characters');
select is(pager.describe_event('{}'), '', 'an event without words is told without words');

select results_eq(
    $$ select pager.compute_pause(n) from generate_series(0, 7) as n $$,
    array['5 s', '10 s', '20 s', '40 s', '80 s', '160 s', '320 s', '10 min']::interval[],
    'a channel rests 5 s, twice as long with each failure, at most 10 minutes');
select is(pager.compute_pause(2147483647), interval '10 minutes', 'a pause does not overflow');

select * from finish();
rollback;
