\ir ../_setup.sql
begin;
select plan(2);

select results_eq($$
    select oms.compute_stop_price(t.qty, t.mark, t.bps, t.before)
      from (values (1, 10, 100000000, 500, null::bigint), (2, 10, 100001000, 500, null),
                   (3, 10, 100000000, 500, 96000000), (4, 10, 110000000, 500, 96000000),
                   (5, -10, 100000000, 500, null), (6, -10, 100001000, 500, null),
                   (7, -10, 100000000, 500, 104000000), (8, -10, 90000000, 500, 104000000))
           as t (n, qty, mark, bps, before)
     order by t.n $$,
    array[95000000, 95000000, 96000000, 104500000, 105000000, 105010000, 104000000,
          94500000]::bigint[],
    'a stop rests behind the mark in whole cents and never loosens');

select is(oms.compute_stop_price(1, 10001, 5000, null), 10000::bigint,
          'a stop price never falls to nothing');

select * from finish();
rollback;
