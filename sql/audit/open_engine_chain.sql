create or replace function audit.open_engine_chain(
    p_engine_id text,
    p_now_at    timestamptz
)
returns uuid
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into audit.chains (chain_id, chain_kind, engine_id, root_hash, last_seq, last_hash, last_at)
    values (core.derive_id('chain', array['ENGINE', p_engine_id]), 'ENGINE', p_engine_id, '', 0, '',
            p_now_at)
    on conflict (chain_id) do nothing;

    select core.derive_id('chain', array['ENGINE', p_engine_id]);
$function$;

comment on function audit.open_engine_chain(text, timestamptz) is
$$Makes sure that an engine has its chain; gives the chain's id. The engine DESK is the house itself.
Why: what people do without a run is written down too.$$;
