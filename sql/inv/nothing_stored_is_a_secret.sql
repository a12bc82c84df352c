create or replace view inv.nothing_stored_is_a_secret as
select r.run_id, format('config %s at %s: %s', c.config_hash, s.path, s.rule_id) as what
  from run.configs as c
 cross join lateral core.list_secrets(c.canonical_json::jsonb) as s
  left join run.runs as r using (config_hash)
 union all
select e.chain_id, format('event %s: %s', e.event_seq, s.rule_id)
  from audit.events as e
 cross join lateral (select core.find_secret(e.payload::text) as rule_id) as s
 where s.rule_id is not null;

comment on view inv.nothing_stored_is_a_secret is
$$I47: No config and no event of the diary holds what looks like a secret.$$;
