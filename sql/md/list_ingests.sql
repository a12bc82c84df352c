create or replace function md.list_ingests(
    p_limit integer
)
returns setof md.ingests
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(p_limit between 1 and 1000, 'MQA02', 'limit 1..1000');
    return query
    select i.* from md.ingests as i order by i.ingested_at desc, i.ingest_id limit p_limit;
end;
$function$;

comment on function md.list_ingests(integer) is
$$The last ingests, the newest first.
Raises: MQA02.$$;
