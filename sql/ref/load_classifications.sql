create or replace function ref.load_classifications(
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
    lock table ref.classifications in share row exclusive mode;
    select string_agg(format('%s %s %s', n.symbol, n.scheme, n.effective_on), ', ') into v_changed
      from ref.parse_classifications(p_rows) as n
      join lateral (
        select max(c.effective_on) as last_on from ref.classifications as c
         where (c.symbol, c.scheme) = (n.symbol, n.scheme)) as s on s.last_on >= n.effective_on
     where not exists (
        select from ref.classifications as c
         where (c.symbol, c.scheme, c.effective_on) = (n.symbol, n.scheme, n.effective_on)
           and c.code is not distinct from n.code);
    perform core.assert_that(v_changed is null, 'MQA10', left(v_changed, 500));

    insert into ref.classifications (symbol, scheme, effective_on, code, follows_on)
    select n.symbol, n.scheme, n.effective_on, n.code,
           coalesce(lag(n.effective_on) over (partition by n.symbol, n.scheme order by n.effective_on),
                    (select max(c.effective_on) from ref.classifications as c
                      where (c.symbol, c.scheme) = (n.symbol, n.scheme)))
      from ref.parse_classifications(p_rows) as n
     where not exists (
        select from ref.classifications as c
         where (c.symbol, c.scheme, c.effective_on) = (n.symbol, n.scheme, n.effective_on));
    get diagnostics v_loaded = row_count;
    perform audit.append_desk_event(
        'MARKET', 'CLASSIFICATIONS_LOADED', jsonb_build_object('classifications', v_loaded), p_now_at);
    return v_loaded;
end;
$function$;

comment on function ref.load_classifications(jsonb, timestamptz) is
$$Stores the classes of instruments that are not stored yet; gives how many were new.
p_rows: [{symbol, scheme, code, effective_on}]: the class of a scheme from a day on; no code ends it.
Why: what was said of the past stays: a report of last year shows last year's sectors.
Raises: MQA05 not an array; MQA10 a stored class differs, or a new one is older than the last; 23503 an
unknown symbol.$$;
