create or replace function ops.list_data_faults(
    p_config jsonb
)
returns table (
    path    text,
    rule    text,
    problem text
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select 'data.second_feed', 'DATA_TERMS', 'is data.feed: one feed is no second opinion'
     where p_config #>> '{data,second_feed}' = p_config #>> '{data,feed}'
     union all
    select 'data.gap_tolerance_bars', 'DATA_TERMS', 'must be below data.gap_window_bars'
     where jsonb_typeof(p_config #> '{data,gap_tolerance_bars}') = 'number'
       and jsonb_typeof(p_config #> '{data,gap_window_bars}') = 'number'
       and (p_config #>> '{data,gap_tolerance_bars}')::numeric
           >= (p_config #>> '{data,gap_window_bars}')::numeric;
$function$;

comment on function ops.list_data_faults(jsonb) is
$$What keys of a config's section data say together and cannot mean.$$;
