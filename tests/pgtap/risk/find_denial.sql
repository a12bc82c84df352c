\ir ../_setup.sql
begin;
select plan(5);

-- 1,000 shares or 100,000.00 an order, 150,000.00 a symbol, 200,000.00 in all; a share costs 100.00.
create temp view cases as
select *
  from (values
    (1, 'EQUITY', 1000, 0, 100000000, 0, null),
    (2, 'EQUITY', 1001, 0, 1, 0, 'MAX_ORDER_QTY'),
    (3, 'EQUITY', -1001, 2000, 1, 0, null),
    (4, 'EQUITY', 1000, 0, 100000001, 0, 'MAX_ORDER_NOTIONAL'),
    (5, 'EQUITY', 500, 1000, 100000000, 0, null),
    (6, 'EQUITY', 501, 1000, 100000000, 0, 'MAX_POSITION'),
    (7, 'EQUITY', 500, 0, 100000000, 150000000000, null),
    (8, 'EQUITY', 500, 0, 100000000, 150000000001, 'MAX_GROSS_EXPOSURE'),
    (9, 'EQUITY', -1, 0, 100000000, 0, 'SHORT_NOT_ALLOWED'),
    (10, 'EQUITY', -10, 10, 100000000, 0, null),
    (11, 'EQUITY', -11, 10, 100000000, 0, 'SHORT_NOT_ALLOWED'),
    (12, 'ETF', 1, 0, 100000000, 0, null),
    (13, 'INDEX', 1, 0, 100000000, 0, 'NOT_TRADABLE'),
    (14, 'INDEX', -1, 1, 100000000, 0, 'NOT_TRADABLE')
  ) as t (position, kind, order_qty, before_qty, mark, other, rule);

create function pg_temp.deny(
    p_kind text, p_order_qty bigint, p_before_qty bigint, p_mark bigint, p_other bigint,
    p_allow_short boolean default false
)
returns text
language sql
return risk.find_denial(
    row('00000000-0000-8000-a000-000000000001', 1, 1, 1000, 100000000000, 150000000000,
        200000000000, 1, 1, p_allow_short)::risk.limits,
    p_kind, p_order_qty, p_before_qty, p_mark, p_other);

select is_empty($$
    select c.*, d.found
      from cases as c
      cross join lateral pg_temp.deny(c.kind, c.order_qty, c.before_qty, c.mark, c.other) as d (found)
     where d.found is distinct from c.rule $$,
    'an order is allowed up to each limit, and denied by its name one beyond it');

select results_eq($$
    select pg_temp.deny('EQUITY', t.order_qty, t.before_qty, 100000000, 0, true)
      from (values (1, -1, 0), (2, -11, 10), (3, -501, -1000), (4, 501, -1501))
           as t (n, order_qty, before_qty)
     order by t.n $$,
    array[null, null, 'MAX_POSITION', null],
    'with shorts allowed, a short has the limits of a long');

select is_empty($$
    select t.*
      from (values (null::bigint, 0::bigint, 1::bigint, 0::bigint), (1, null, 1, 0), (1, 0, null, 0),
                   (1, 0, 1, null)) as t (order_qty, before_qty, mark, other)
     where pg_temp.deny('EQUITY', t.order_qty, t.before_qty, t.mark, t.other)
           is distinct from 'NO_REFERENCE_PRICE' $$,
    'anything unknown denies');

select is(pg_temp.deny('EQUITY', -9, 10, null, null), null,
          'without a price, an order that only reduces still passes: no limit locks us in');

select throws_ok(
    $$ select pg_temp.deny('EQUITY', 1000, 0, 9223372036854775807, 0) $$, '22003', null,
    'a notional that overflows is an error, not a small number');

select * from finish();
rollback;
