create or replace function audit.open_run_chain(
    p_run_id    uuid,
    p_engine_id text,
    p_now_at    timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_root uuid;
    v_seq  bigint;
begin
    v_root := audit.open_engine_chain(p_engine_id, p_now_at);
    v_seq := audit.append_event(
        v_root, 'RUNTIME', 'RUN_CHAIN_OPENED', jsonb_build_object('run_id', p_run_id), p_now_at);

    insert into audit.chains (
        chain_id, chain_kind, engine_id, run_id, root_chain_id, root_seq, root_hash,
        last_seq, last_hash, last_at)
    select p_run_id, 'RUN', p_engine_id, p_run_id, e.chain_id, e.event_seq, e.event_hash,
           0, e.event_hash, e.occurred_at
      from audit.events as e
     where e.chain_id = v_root
       and e.event_seq = v_seq;
end;
$function$;

comment on function audit.open_run_chain(uuid, text, timestamptz) is
$$Opens the chain of a run (its id is the run's), rooted in an event of its engine's chain.
Why: a whole run cannot be cut out or swapped without breaking its engine's chain.$$;
