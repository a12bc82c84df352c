create or replace function md.load_instruments(
    p_rows   jsonb,
    p_now_at timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_loaded bigint := ref.load_instruments(p_rows, p_now_at);
    v_bad    text;
begin
    select string_agg(format('%s has a bar of %s', u.symbol, u.session_on), '; ') into v_bad
      from md.list_unlisted_bars() as u;
    perform core.assert_that(v_bad is null, 'MQA10', left(v_bad, 500));
    return v_loaded;
end;
$function$;

comment on function md.load_instruments(jsonb, timestamptz) is
$$Stores what is new in an instruments file (ref.load_instruments), unless a stored bar says otherwise.
Raises: MQA05; MQA02; MQA10 a fact differs, or a name ends before its last bar; 23503.$$;
