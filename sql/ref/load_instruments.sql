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
    select string_agg(distinct r.symbol, ', ') into v_changed
      from jsonb_to_recordset(p_rows) as r (symbol text, listed_on date, delisted_on date)
      join jsonb_to_recordset(p_rows) as n (symbol text, listed_on date) on n.symbol = r.symbol
     where coalesce(n.listed_on, '-infinity') < r.delisted_on
       and coalesce(n.listed_on, '-infinity') > coalesce(r.listed_on, '-infinity')
        or r.delisted_on <= r.listed_on;
    perform core.assert_that(
        v_changed is null, 'MQA02', format('the periods of a name overlap or are empty: %s', v_changed));
    select string_agg(c.symbol, ', ') into v_changed
      from ref.list_changed_listings(p_rows) as c;
    perform core.assert_that(v_changed is null, 'MQA10', v_changed);

    lock table ref.listings in share row exclusive mode;
    insert into ref.instruments (symbol, exchange_id)
    select distinct r.symbol, r.exchange_id
      from jsonb_to_recordset(p_rows) as r (symbol text, exchange_id text)
     order by r.symbol
    on conflict (symbol) do nothing;
    insert into ref.listings (
        symbol, effective_on, is_listed, instrument_kind, name, formerly, follows_on)
    select n.symbol, n.effective_on, n.is_listed, n.instrument_kind, n.name, n.formerly,
           coalesce(lag(n.effective_on) over (partition by n.symbol order by n.effective_on),
                    (select max(l.effective_on) from ref.listings as l where l.symbol = n.symbol))
      from ref.parse_listings(p_rows) as n
     where not exists (
        select from ref.listings as l
         where l.symbol = n.symbol and l.effective_on = n.effective_on);
    get diagnostics v_loaded = row_count;
    perform audit.append_desk_event(
        'MARKET', 'INSTRUMENTS_LOADED', jsonb_build_object('listings', v_loaded), p_now_at);
    return v_loaded;
end;
$function$;

comment on function ref.load_instruments(jsonb, timestamptz) is
$$Stores what a file says of names and is not stored yet; gives how many facts (listed, ended, renamed)
were new.
p_rows: [{symbol, exchange_id, instrument_kind EQUITY|ETF|INDEX, name, listed_on, delisted_on, formerly}].
Why: a fact that has been stored stays, as its end does; what changes is a row with a later day.
Raises: MQA05 not an array; MQA02 periods that overlap; MQA10 a stored fact differs, or a new one is older
than the last; 23503 an unknown exchange, or a former name that does not end on that day.$$;
