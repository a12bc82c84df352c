create or replace function api.audit_chains(
    p_engine_id text,
    p_run_id    uuid
)
returns table (
    chain_id      text,
    chain_kind    text,
    engine_id     text,
    run_id        text,
    root_chain_id text,
    root_seq      bigint,
    root_hash     text,
    last_seq      bigint,
    last_hash     text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select c.chain_id::text, c.chain_kind, c.engine_id, c.run_id::text, c.root_chain_id::text,
           c.root_seq, c.root_hash, c.last_seq, c.last_hash
      from audit.chains as c
     where case when p_run_id is null then c.engine_id in (p_engine_id, 'DESK')
                else c.run_id = p_run_id
                     or c.chain_id = (select r.root_chain_id from audit.chains as r
                                       where r.run_id = p_run_id) end
       and run.is_in_scope(session_user, c.engine_id)
     order by c.chain_kind, c.chain_id;
$function$;

comment on function api.audit_chains(text, uuid) is
$$The chains of an engine and of the house, or (p_run_id) of one run and the chain that it is rooted in.$$;
