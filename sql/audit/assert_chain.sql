create or replace function audit.assert_chain(
    p_chain_id uuid
)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        exists (select from audit.chains as c where c.chain_id = p_chain_id),
        'MQN01', p_chain_id::text);
    return true;
end;
$function$;

comment on function audit.assert_chain(uuid) is
$$True, or an error: there is no such chain. Stands in the where clause of a reading door.
Raises: MQN01.$$;
