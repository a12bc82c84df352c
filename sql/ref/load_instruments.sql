create or replace function ref.load_instruments(
    p_rows   jsonb,
    p_now_at timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_changed text;
    v_loaded  bigint;
begin
    perform core.assert_that(jsonb_typeof(p_rows) = 'array', 'MQA05', jsonb_typeof(p_rows));
    select string_agg(i.symbol, ', ' order by i.symbol) into v_changed
      from jsonb_to_recordset(p_rows) as r (
           symbol text, exchange_id text, instrument_kind text, name text,
           listed_on date, delisted_on date)
      join ref.instruments as i on i.symbol = r.symbol
     where (i.exchange_id, i.instrument_kind, i.name, i.listed_on, i.delisted_on) is distinct from
           (r.exchange_id, r.instrument_kind, r.name, r.listed_on, r.delisted_on);
    perform core.assert_that(v_changed is null, 'MQA10', v_changed);

    insert into ref.instruments (symbol, exchange_id, instrument_kind, name, listed_on, delisted_on)
    select r.symbol, r.exchange_id, r.instrument_kind, r.name, r.listed_on, r.delisted_on
      from jsonb_to_recordset(p_rows) as r (
           symbol text, exchange_id text, instrument_kind text, name text,
           listed_on date, delisted_on date)
     order by r.symbol
    on conflict (symbol) do nothing;
    get diagnostics v_loaded = row_count;
    perform audit.append_desk_event(
        'MARKET', 'INSTRUMENTS_LOADED', jsonb_build_object('instruments', v_loaded), p_now_at);
    return v_loaded;
end;
$function$;

comment on function ref.load_instruments(jsonb, timestamptz) is
$$Stores the instruments that are not stored yet; gives how many were new.
p_rows: [{symbol, exchange_id, instrument_kind EQUITY|ETF|INDEX, name, listed_on, delisted_on}].
Raises: MQA05 not an array; MQA10 a stored instrument differs; 23503 unknown exchange.$$;
