create or replace view inv.a_config_is_its_hash as
select r.run_id, r.config_hash as what
  from run.runs as r
  left join run.configs as c using (config_hash)
 where core.hash_text(c.canonical_json) is distinct from r.config_hash
    or core.format_canonical_json(c.config) is distinct from c.canonical_json;

comment on view inv.a_config_is_its_hash is
$$I28: A run's config has the hash that the run was bound to.$$;
