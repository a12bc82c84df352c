\ir ../_setup.sql
begin;
select plan(7);

-- A bar that opens at 100, has a high of 110 and a low of 90.
create function pg_temp.price(p_profile text, p_qty bigint, p_limit bigint, p_slippage bigint)
returns bigint
language sql
return sim.compute_fill_price(p_profile, p_qty, p_limit, null, 100000000, 110000000, 90000000, p_slippage);

select results_eq($$
    select pg_temp.price(t.profile, t.qty, null, t.slippage)
      from (values (1, 'worst_case', 1, 0), (2, 'worst_case', -1, 0), (3, 'next_open', 1, 0),
                   (4, 'next_open', -1, 0), (5, 'worst_case', 1, 10), (6, 'worst_case', -1, 10),
                   (7, 'next_open', 1, 10), (8, 'next_open', -1, 10)) as t (n, profile, qty, slippage)
     order by t.n $$,
    array[110000000, 90000000, 100000000, 100000000, 110110000, 89910000, 100100000, 99900000]::bigint[],
    'a market order trades the worst price or the open, and slippage costs on both sides');

select results_eq($$
    select pg_temp.price('worst_case', t.qty, t.limit_price, 10)
      from (values (1, 1, 90000001), (2, 1, 90000000), (3, 1, 89999999), (4, 1, 120000000),
                   (5, -1, 109999999), (6, -1, 110000000), (7, -1, 110000001))
           as t (n, qty, limit_price)
     order by t.n $$,
    array[90000001, null, null, 120000000, 109999999, null, null]::bigint[],
    'a limit order fills at its price, and only when the bar trades through it');

select results_eq($$
    select sim.compute_fill_price('worst_case', t.qty, null, t.stop, t.open, 110000000, 90000000, 0)
      from (values (1, -1, 90000000, 100000000), (2, -1, 89999999, 100000000),
                   (3, -1, 95000000, 92000000), (4, 1, 110000000, 100000000),
                   (5, 1, 110000001, 100000000), (6, 1, 105000000, 108000000))
           as t (n, qty, stop, open)
     order by t.n $$,
    array[90000000, null, 92000000, 110000000, null, 108000000]::bigint[],
    'a stop fills when the bar touches it, at its price or at an open beyond it');

select is(sim.compute_fill_price('worst_case', -1, null, null, 2, 3, 1, 10000), 1::bigint,
          'a price never falls to nothing');

select results_eq($$
    select sim.compute_slippage_bps(110000000, 90000000, 100000000, t.base, t.mult, t.cap)
      from (values (1, 5, 0, 100), (2, 5, 100, 100), (3, 5, 10000, 100), (4, 5, 475, 100),
                   (5, 5, 476, 99)) as t (n, base, mult, cap)
     order by t.n $$,
    array[5, 25, 100, 100, 99]::bigint[],
    'slippage is its base plus a share of the bar''s range, up to its cap');

select results_eq($$
    select sim.compute_fee(t.qty, 100000000, t.per_share, t.bps)
      from (values (1, 100, 5000, 0), (2, 100, 0, 1), (3, 100, 5000, 1), (4, 0, 5000, 1),
                   (5, 100, 0, 0)) as t (n, qty, per_share, bps)
     order by t.n $$,
    array[500000, 1000000, 1500000, 0, 0]::bigint[],
    'a fee is so much a share plus basis points of what was traded');

select is(sim.compute_fee(1, 1, 0, 1), 1::bigint, 'a fee is rounded against us');

select * from finish();
rollback;
