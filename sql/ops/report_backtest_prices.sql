create or replace function ops.report_backtest_prices(
    p_backtest_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with prices as materialized (
        select p.symbol, p.session_on, p.close_micros
          from lab.list_session_prices(p_backtest_id) as p
         where p.close_micros is not null
    ), given as (
        select c.config #>> '{data,benchmark_symbol}' as symbol, d.*
          from lab.backtests as b
          join lab.datasets as d using (dataset_id)
          join run.configs as c using (config_hash)
         where b.backtest_id = p_backtest_id
    ), benchmark as (
        select p.session_on, p.close_micros
          from given as g join prices as p on p.symbol = g.symbol
         union all
        select b.session_on, b.close_micros
          from given as g
         cross join lateral md.list_session_closes(
               g.symbol, g.timeframe, g.from_on, g.to_on, g.frozen_at) as b
         where g.symbol <> all (g.symbols)
    )
    select jsonb_build_object(
        'benchmark_symbol', g.symbol,
        'benchmark', (
            select coalesce(jsonb_agg(to_jsonb(b) order by b.session_on), '[]') from benchmark as b),
        'prices', (
            select coalesce(jsonb_object_agg(s.symbol, s.closes), '{}')
              from (select p.symbol, jsonb_agg(jsonb_build_array(p.session_on, p.close_micros)
                                               order by p.session_on) as closes
                      from prices as p group by p.symbol) as s))
      from given as g;
$function$;

comment on function ops.report_backtest_prices(uuid) is
$$Closes by session of a backtest's symbols, and of its benchmark: from the dataset if it is in there, else
from the store as it was when the dataset was frozen.$$;
