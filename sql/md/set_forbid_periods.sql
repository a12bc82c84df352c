create or replace function md.set_forbid_periods(
    p_run_id  uuid,
    p_periods jsonb
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_bad text;
begin
    v_bad := md.find_bad_period(
        p_periods, array(select u.symbol from run.universe as u where u.run_id = p_run_id));
    perform core.assert_that(v_bad is null, 'MQA41', v_bad);
    insert into md.forbid_periods (run_id, period_no, symbol, from_on, to_on)
    select p_run_id, p.ordinality, w[1], core.parse_date(w[2]), core.parse_date(w[3])
      from jsonb_array_elements(p_periods) with ordinality as p
     cross join lateral string_to_array(p.value #>> '{}', ' ') as w;
end;
$function$;

comment on function md.set_forbid_periods(uuid, jsonb) is
$$Pins the periods in which a run may not trade a symbol, at its creation. p_periods: ['SYMBOL FROM TO'],
sessions from FROM to TO, both included.
Raises: MQA41 naming those that cannot be read or name no symbol of the run.$$;
