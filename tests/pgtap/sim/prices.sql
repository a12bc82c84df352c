\ir ../_setup.sql
begin;
select plan(11);

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
    array[90000001, null, null, 110110000, 109999999, null, null]::bigint[],
    'a limit fills at what the market takes, never worse than its price, and only when traded through');

select results_eq($$
    select pg_temp.price('next_open', t.qty, t.limit_price, 10)
      from (values (1, 1, 95000000), (2, 1, 100050000), (3, 1, 105000000), (4, -1, 105000000),
                   (5, -1, 99950000), (6, -1, 95000000)) as t (n, qty, limit_price)
     order by t.n $$,
    array[95000000, 100050000, 100100000, 105000000, 99950000, 99900000]::bigint[],
    'a limit within the market pays the open and its slippage, up to its price');

select results_eq($$
    select sim.compute_fill_price('worst_case', t.qty, t.cap, t.stop, t.open, 110000000, 90000000, 10)
      from (values (1, 1, 106000000, 105000000, 100000000), (2, 1, 105000000, 105000000, 100000000),
                   (3, 1, 105050000, 105000000, 100000000), (4, 1, 104000000, 105000000, 100000000),
                   (5, 1, 104000000, 105000000, 107000000), (6, 1, 90000000, 105000000, 107000000),
                   (7, 1, 120000000, 110000001, 100000000), (8, -1, 94000000, 95000000, 100000000),
                   (9, -1, 95000000, 95000000, 100000000), (10, -1, 96000000, 95000000, 93000000),
                   (11, -1, 110000000, 95000000, 93000000), (12, -1, 80000000, 89999999, 100000000))
           as t (n, qty, cap, stop, open)
     order by t.n $$,
    array[105105000, null, 105050000, null, 104000000, null, null, 94905000, null, 96000000, null,
          null]::bigint[],
    'a stop with a limit fills in the bar that touches it only if the price must have been within it');

select results_eq($$
    select sim.is_triggered(t.qty, t.stop, 110, 90)
      from (values (1, 1, 110), (2, 1, 111), (3, -1, 90), (4, -1, 89), (5, 1, null)) as t (n, qty, stop)
     order by t.n $$,
    array[true, false, true, false, null], 'a bar that reaches a stop triggers it');

select results_eq($$
    select core.is_on_tick(p) from unnest(array[10000, 990000, 990100, 990150, 1000000, 1010000,
                                               1000100, 0, -10000, null]::bigint[])
                                   with ordinality as t (p, n) order by n $$,
    array[true, true, true, false, true, true, false, false, false, null],
    'a price is in whole cents, below a dollar in hundredths of a cent');

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
