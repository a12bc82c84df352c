create or replace function ops.assert_symbols(
    p_config   jsonb,
    p_as_of_at timestamptz
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_benchmark text := p_config #>> '{data,benchmark_symbol}';
    v_bad       text;
begin
    select string_agg(s.value, ', ') into v_bad
      from jsonb_array_elements_text(p_config #> '{strategy,symbols}') as s
     where not exists (select from ref.instruments as i where i.symbol = s.value);
    perform core.assert_that(v_bad is null, 'MQN03', v_bad);
    perform core.assert_that(
        (ref.get_listing(v_benchmark, (p_as_of_at at time zone 'UTC')::date)).instrument_kind
            in ('INDEX', 'ETF'),
        'MQN20', v_benchmark);
end;
$function$;

comment on function ops.assert_symbols(jsonb, timestamptz) is
$$Refuses a config that names a symbol which nobody has loaded, or measures itself by a share.
Raises: MQN03 unknown symbols; MQN20 the benchmark is no listed index or ETF.$$;
