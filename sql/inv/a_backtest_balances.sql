create or replace view inv.a_backtest_balances as
select format('backtest %s has %s, its fills leave %s', b.backtest_id, b.cash_micros,
              c.cash_micros) as what
  from lab.backtests as b
 cross join lateral (
    select b.initial_cash_micros
           - coalesce(sum(f.fill_qty::numeric * f.price_micros + f.fee_micros), 0)
           + coalesce((select sum(p.amount_micros) from lab.flows as p
                        where p.backtest_id = b.backtest_id), 0) as cash_micros
      from lab.fills as f
     where f.backtest_id = b.backtest_id) as c
 where b.cash_micros <> c.cash_micros
    or exists (
       select from lab.orders as o
        where o.backtest_id = b.backtest_id
          and o.filled_qty <> (select coalesce(sum(abs(f.fill_qty)), 0) from lab.fills as f
                                where f.backtest_id = o.backtest_id and f.order_no = o.order_no));

comment on view inv.a_backtest_balances is
$$I64: A backtest ends with its opening cash less what its fills cost, plus what dividends and
fractions of split shares brought; its orders filled what its fills say.$$;
