create or replace function lab.list_lot_events(
    p_backtest lab.backtests,
    p_terms    lab.terms
)
returns table (
    symbol_no    integer,
    tick_no      integer,
    fill_no      integer,
    fill_qty     bigint,
    price_micros bigint,
    ratio_num    bigint,
    ratio_den    bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select e.symbol_no, e.tick_no, e.fill_no, e.fill_qty, e.price_micros, e.ratio_num, e.ratio_den
      from (select f.*, null::bigint as ratio_num, null::bigint as ratio_den,
                   min(f.order_no) over w <> max(f.order_no) over w as is_tie
              from lab.fills as f
             where f.backtest_id = (p_backtest).backtest_id
            window w as (partition by f.symbol_no, f.tick_no)
             union all
            select a.backtest_id, null, null, null, a.tick_no, a.symbol_no, null, null, null, a.ratio_num,
                   a.ratio_den, false
              from lab.adjustments as a
             where a.backtest_id = (p_backtest).backtest_id) as e
     order by e.symbol_no, e.tick_no, e.fill_no is not null,
              case when e.is_tie then sim.derive_order_id(
                   (p_terms).account_id, oms.derive_client_order_id(
                   (p_terms).engine_id, lab.derive_order_name(
                       p_terms, (p_backtest).dataset_id, e.given_tick, e.symbol_no))) end,
              e.fill_no;
$function$;

comment on function lab.list_lot_events(lab.backtests, lab.terms) is
$$What changes the lots of a backtest, by symbol and time: its fills, at one tick in the order of their
names, and before them the splits of the tick's morning.$$;
