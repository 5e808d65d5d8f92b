"""Classes (脱贫户分类管理): what support a lifted household gets that is not under watch."""
