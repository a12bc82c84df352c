create or replace function md.get_ingest(
    p_ingest_id uuid
)
returns md.ingests
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_ingest md.ingests;
begin
    select i.* into v_ingest from md.ingests as i where i.ingest_id = p_ingest_id;
    perform core.assert_that(found, 'MQN53', p_ingest_id::text);
    return v_ingest;
end;
$function$;

comment on function md.get_ingest(uuid) is
$$An ingest's row.
Raises: MQN53 there is none.$$;
