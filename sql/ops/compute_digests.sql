create or replace function ops.compute_digests(
    p_run_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
    select jsonb_build_object(
        'orders', (select core.hash_text(coalesce(string_agg(to_jsonb(o)::text, e'\n'
                              order by o.client_order_id collate "C"), ''))
                     from ops.list_orders(p_run_id) as o),
        'fills', (select core.hash_text(coalesce(string_agg(to_jsonb(f)::text, e'\n'
                             order by f.fill_seq), ''))
                    from ops.list_fills(p_run_id) as f),
        'ledger', (select core.hash_text(coalesce(string_agg(to_jsonb(e)::text, e'\n'
                              order by e.entry_seq), ''))
                     from ledger.entries as e where e.run_id = p_run_id),
        'equity', (select core.hash_text(coalesce(string_agg(to_jsonb(e)::text, e'\n'
                              order by e.point_seq), ''))
                     from ledger.equity_points as e where e.run_id = p_run_id),
        'audit', (select c.last_hash from audit.chains as c where c.chain_id = p_run_id));
$function$;

comment on function ops.compute_digests(uuid) is
$$SHA-256 of a run's orders, fills, ledger and equity, and the head of its diary.
Why: two runs of the same acts must give the same digests, in any time zone.$$;
