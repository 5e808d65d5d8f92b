"""Small credit (脱贫人口小额信贷): borrowed, used and repaid by the household itself, or doubted."""
