create or replace function api.backtest_freeze(
    p_timeframe text,
    p_symbols   jsonb,
    p_from_on   date,
    p_to_on     date,
    p_now_at    timestamptz
)
returns table (
    dataset_id  uuid,
    timeframe   text,
    symbols     text,
    from_on     date,
    to_on       date,
    ticks       integer,
    bars        bigint,
    data_sha256 text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.dataset_id, f.timeframe, array_to_string(f.symbols, ','), f.from_on, f.to_on, f.ticks, f.bars,
           f.data_sha256
      from lab.freeze_dataset(p_timeframe, p_symbols, p_from_on, p_to_on, p_now_at) as f;
$function$;

comment on function api.backtest_freeze(text, jsonb, date, date, timestamptz) is
$$Freezes stored bars as the dataset of backtests.$$;
